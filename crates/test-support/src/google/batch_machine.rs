//! Machines for the fake Batch: created jobs run, one process a task.
//!
//! They keep to what a job says of its tasks' number, variables and parallelism, and of which exit
//! codes are worth another attempt; a job that is deleted ends with its processes. Without them, the
//! fake's jobs stand as tests put them.

mod job;
mod task;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde_json::{Value, json};

use super::FakeGoogle;
use super::state::State;

/// How often machines look for what has changed.
const TICK: Duration = Duration::from_millis(5);

/// What a machine runs.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program, which is told its stage by `STAGE`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables over those of the job: where this machine's servers are.
    pub environment: Vec<(String, String)>,
    /// Where each task gets a folder of its own, as a disk.
    pub disks: PathBuf,
}

/// A task that doesn't come to its own end.
#[derive(Debug, Clone)]
pub struct Mishap {
    /// `builder`, `runner` or `output`.
    pub stage: &'static str,
    /// The run's task, for stage B.
    pub task: u32,
    /// What it ends with: the program's own code, or one of Batch's for machines (from 50001).
    pub exit_code: i32,
    /// How often.
    pub times: usize,
    /// Whether it befalls spot machines alone.
    pub only_on_spot: bool,
}

/// A task that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The job.
    pub job: String,
    /// Its stage.
    pub stage: String,
    /// The run's task; 0 of stages A and C.
    pub task: u32,
    /// Whether its machine is a spot one.
    pub spot: bool,
    /// What it asked for, in MiB.
    pub memory_mib: u64,
}

/// Machines that run the jobs of a [`FakeGoogle`].
pub struct BatchMachines {
    shared: Arc<Shared>,
}

struct Shared {
    program: Program,
    google: Weak<Mutex<State>>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    mishaps: Vec<Mishap>,
    executions: Vec<Execution>,
    /// Stages whose jobs stay in the queue.
    held: BTreeSet<&'static str>,
}

impl BatchMachines {
    /// Runs what is created from now on, until the fake is dropped.
    #[must_use]
    pub fn start(google: &FakeGoogle, program: Program) -> Self {
        let shared = Arc::new(Shared {
            program,
            google: Arc::downgrade(&google.state),
            inner: Mutex::default(),
        });
        let machines = Arc::clone(&shared);
        std::thread::spawn(move || machines.take_jobs());
        Self { shared }
    }

    /// Makes a task fail.
    pub fn script(&self, mishap: Mishap) {
        self.shared.inner().mishaps.push(mishap);
    }

    /// Leaves the jobs of a stage in the queue, or lets them go.
    pub fn hold(&self, stage: &'static str, is_held: bool) {
        let mut inner = self.shared.inner();
        if is_held {
            inner.held.insert(stage);
        } else {
            inner.held.remove(stage);
        }
    }

    /// All that was started, in order.
    #[must_use]
    pub fn executions(&self) -> Vec<Execution> {
        self.shared.inner().executions.clone()
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something done with the fake's state; nothing when it is gone.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> Option<T> {
        let state = self.google.upgrade()?;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut state))
    }

    fn take_jobs(self: Arc<Self>) {
        while let Some(job) = self.with(|state| self.next_job(state)) {
            if let Some(job) = job {
                let shared = Arc::clone(&self);
                std::thread::spawn(move || job::Running::of(&shared, &job).run());
            }
            std::thread::sleep(TICK);
        }
    }

    /// A job in the queue that may go, which has its machines then.
    fn next_job(&self, state: &mut State) -> Option<Value> {
        let held = self.inner().held.clone();
        let may_go = |job: &&mut Value| {
            let stage = job["labels"]["stage"].as_str().unwrap_or_default();
            job["status"]["state"] == "QUEUED" && !held.contains(stage)
        };
        let job = state.jobs.iter_mut().find(may_go)?;
        job["createTime"] = json!(task::now());
        job["status"]["state"] = json!("SCHEDULED");
        Some(job.clone())
    }

    /// What befalls a task that is started now.
    fn mishap(&self, execution: &Execution) -> Option<i32> {
        let mut inner = self.inner();
        inner.executions.push(execution.clone());
        let found = inner.mishaps.iter_mut().find(|mishap| {
            mishap.times > 0
                && mishap.stage == execution.stage
                && mishap.task == execution.task
                && (execution.spot || !mishap.only_on_spot)
        })?;
        found.times -= 1;
        Some(found.exit_code)
    }
}
