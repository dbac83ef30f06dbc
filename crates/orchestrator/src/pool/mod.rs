//! Stage B over worker processes: each takes the next task until there is none.

mod death;
mod desk;
mod log;
mod memory;
mod outcome;
mod process;
mod queue;
mod worker;

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::time::Duration;

use epycloud_stages::{StageRun, TaskList};
use futures::future;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::error::{FailedTask, OrchestratorError};
use crate::record::{Attempt, Outcome};
use crate::recorder::{Next, Recorder};
use crate::resume::{TaskPlan, counts};
use crate::retries::RetryPolicy;
use crate::stop::Stop;
use desk::Desk;
use memory::Governor;
use queue::{Job, Queue};

pub(crate) use worker::Worker;
pub use worker::WorkerCommand;

/// How often the memory of a task that runs is measured.
const MEMORY_INTERVAL: Duration = Duration::from_millis(100);

/// How a pool treats its tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolOptions {
    /// The most tasks that run at the same time; fewer where the memory they need says so.
    pub max_parallelism: NonZeroUsize,
    /// How long a task may take.
    pub task_timeout: Option<Duration>,
    /// How much memory a task may hold, in MiB.
    pub task_memory_mib: Option<u64>,
    /// How many attempts it gets.
    pub retries: RetryPolicy,
}

/// The pool at work.
struct Pool<'a> {
    command: &'a WorkerCommand,
    options: &'a PoolOptions,
    recorder: &'a Recorder,
    stop: &'a Stop,
    /// The tasks, where none of those that run had a result that counts.
    known: Option<(&'a StageRun, &'a TaskList)>,
    queue: Queue,
    governor: Governor,
    began: Instant,
    host: String,
    report: RefCell<PoolReport>,
}

/// What came of stage B.
#[derive(Debug, Default)]
pub(crate) struct PoolReport {
    /// The tasks that failed for good, in order.
    pub(crate) failed: Vec<FailedTask>,
    /// How many tasks were left when the run was stopped.
    pub(crate) left: usize,
}

/// Runs tasks.
///
/// # Errors
/// When a worker can't be started: then no task could run.
pub(crate) async fn run_tasks(
    (command, options): (&WorkerCommand, &PoolOptions),
    (run, list): (&StageRun, &TaskList),
    plan: &TaskPlan,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<PoolReport, OrchestratorError> {
    let n_slots = options.max_parallelism.get().min(plan.run.len());
    let command = command.among(n_slots);
    let pool = Pool {
        command: &command,
        options,
        recorder,
        stop,
        known: (!plan.renews).then_some((run, list)),
        queue: Queue::new(plan.run.clone()),
        governor: Governor::new(n_slots, process::available_mib(), None),
        began: Instant::now(),
        host: crate::record::ProcessName::this().host,
        report: RefCell::default(),
    };
    future::try_join_all((0..n_slots).map(|_| pool.slot())).await?;
    let mut report = pool.report.take();
    report.left += pool.queue.len();
    report.failed.sort_by_key(|task| task.task);
    Ok(report)
}

impl Pool<'_> {
    /// One worker's share of the tasks. A worker that crashes is replaced.
    async fn slot(&self) -> Result<(), OrchestratorError> {
        let mut desk = None;
        loop {
            // Before a wait, what is being stored is waited for: it may come back.
            if !(self.governor.has_room() && self.queue.is_due()) {
                desk = cleared(desk).await;
            }
            let Some(leave) = self.governor.admit(self.stop).await else {
                break;
            };
            let Some(job) = self.queue.next(self.stop).await else {
                break;
            };
            let mut at_work = match desk.take() {
                Some(desk) => desk,
                None => Desk::open(self).await?,
            };
            if at_work.run(job).await {
                desk = Some(at_work);
            }
            drop(leave);
        }
        if let Some(desk) = cleared(desk).await {
            desk.close().await;
        }
        Ok(())
    }

    /// Whether a task that had no result before has one now.
    async fn has(&self, task: u32) -> bool {
        match self.known {
            Some((run, list)) => counts(run, list, task).await,
            None => false,
        }
    }

    /// Waits until the process holds more than a task may, and says how much; keeps its peak.
    async fn outgrown(&self, process_id: u32, peak_mib: &mut f64) -> f64 {
        let limit = self
            .options
            .task_memory_mib
            .map_or(f64::INFINITY, |mib| mib as f64);
        let mut ticks = interval_at(Instant::now() + MEMORY_INTERVAL, MEMORY_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let held = process::memory_mib(process_id).unwrap_or(0.0);
            *peak_mib = peak_mib.max(held);
            if held > limit {
                return held;
            }
        }
    }

    /// Takes note of what the task needed.
    fn learn(&self, attempt: &Attempt) {
        let peak_mib = attempt.peak_memory_mib.unwrap_or(0.0);
        if attempt.outcome == Outcome::OutOfMemory {
            self.governor.out_of_memory(peak_mib);
        } else {
            self.governor.learn(peak_mib);
        }
        if let Some(news) = self.governor.news() {
            self.recorder.warn(news);
        }
    }

    /// Decides what follows an attempt.
    fn settle(&self, mut job: Job, attempt: Attempt) {
        self.learn(&attempt);
        let next = match (attempt.outcome, attempt.blame) {
            (Outcome::Done, _) => Next::Done,
            (Outcome::Stopped, _) => Next::Stopped,
            (Outcome::Lost, None) => {
                job.bereavements += 1;
                Next::Retry(Duration::ZERO)
            }
            (_, blame) => {
                job.failures.count(blame);
                let delay = self.options.retries.after(job.failures, blame);
                delay.map_or(Next::Failed, Next::Retry)
            }
        };
        match next {
            Next::Done => {}
            Next::Retry(delay) => self.queue.retry(job, delay),
            Next::Failed => self
                .report
                .borrow_mut()
                .failed
                .push(FailedTask::of(&attempt)),
            Next::Stopped => self.report.borrow_mut().left += 1,
        }
        self.recorder.ended(attempt, next, self.began.into_std());
    }
}

/// A worker that has nothing in hand; none if it ended meanwhile.
async fn cleared(desk: Option<Desk<'_>>) -> Option<Desk<'_>> {
    let mut desk = desk?;
    desk.clear().await.then_some(desk)
}
