//! Stage B on a Slurm cluster: job arrays of the tasks, watched from here.
//!
//! The arrays are sequenced by this process rather than by dependencies: it knows which tasks
//! failed and whose fault it was, and a cluster's limits on arrays are kept by submitting one array
//! for each block of indices. Jobs go on when this process dies; a session that resumes the run
//! finds them by their name and watches them instead of submitting their tasks again.

mod client;
mod ended;
mod queue;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use epycloud_config::Environment;
use epycloud_stages::{Sha256, StageRun, TaskList};
use jiff::Timestamp;
use tokio::time::sleep;

use crate::container::Apptainer;
use crate::error::{FailedTask, OrchestratorError};
use crate::pool::{PoolReport, RetryPolicy};
use crate::record::{Attempt, Blame, Outcome, timestamp};
use crate::recorder::{Next, Recorder};
use crate::stop::Stop;
use client::Submission;
use queue::Entry;

/// How often Slurm may fail to answer in a row before the run is given up.
const SILENCES: u32 = 20;
/// How long jobs may wait before it is said what for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How tasks run on a cluster.
#[derive(Debug, Clone)]
pub struct SlurmOptions {
    /// The program that runs a task when its one argument is `task`; the nodes must see it.
    pub program: PathBuf,
    /// The environment of stage B.
    pub environment: Environment,
    /// The image that all stages run in, instead of the program.
    pub apptainer: Option<Apptainer>,
    /// Where the jobs' logs go; the nodes must see it.
    pub logs: PathBuf,
    /// The partition.
    pub partition: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The most tasks of an array that run at the same time.
    pub max_parallelism: Option<u32>,
    /// How long a task may take; Slurm counts minutes.
    pub task_timeout: Option<Duration>,
    /// Memory of a task in MiB; doubled after it ran out.
    pub task_memory_mib: Option<u64>,
    /// How many attempts a task gets.
    pub retries: RetryPolicy,
    /// How often Slurm is asked.
    pub poll: Duration,
}

/// A task's attempt.
#[derive(Debug, Clone)]
struct Job {
    task: u32,
    application_failures: u32,
    infrastructure_failures: u32,
    memory_mib: Option<u64>,
    /// Not before then.
    due: Instant,
}

impl Job {
    fn number(&self) -> u32 {
        self.application_failures + self.infrastructure_failures + 1
    }
}

/// An attempt that Slurm has.
struct Active {
    job: Job,
    /// When it was first seen to run.
    running: Option<(Timestamp, Instant)>,
}

/// The cluster at work.
struct Cluster<'a> {
    run: &'a StageRun,
    list: &'a TaskList,
    options: &'a SlurmOptions,
    recorder: &'a Recorder,
    stop: &'a Stop,
    name: String,
    block: u32,
    waiting: Vec<Job>,
    /// By array and index in it.
    active: BTreeMap<(u64, u32), Active>,
    began: Instant,
    last_running: Instant,
    told: BTreeSet<String>,
    is_draining: bool,
    report: PoolReport,
}

/// Runs tasks.
///
/// # Errors
/// When Slurm can't be asked, or refuses an array.
pub(crate) async fn run_tasks(
    run: &StageRun,
    list: &TaskList,
    options: &SlurmOptions,
    tasks: Vec<u32>,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<PoolReport, OrchestratorError> {
    let now = Instant::now();
    let waiting = tasks.into_iter().map(|task| Job {
        task,
        application_failures: 0,
        infrastructure_failures: 0,
        memory_mib: options.task_memory_mib,
        due: now,
    });
    let mut cluster = Cluster {
        run,
        list,
        options,
        recorder,
        stop,
        name: job_name(run),
        block: client::max_array_size().await?,
        waiting: waiting.collect(),
        active: BTreeMap::new(),
        began: now,
        last_running: now,
        told: BTreeSet::new(),
        is_draining: false,
        report: PoolReport::default(),
    };
    cluster.adopt().await?;
    cluster.work().await?;
    let mut report = cluster.report;
    report.failed.sort_by_key(|task| task.task);
    Ok(report)
}

/// The name of a run's jobs; where the run lies is part of it.
fn job_name(run: &StageRun) -> String {
    let place = run.storage.url_of(run.layout.root());
    let digits = Sha256::of(place.as_bytes()).to_string();
    format!("epycloud-{}-{}", run.settings.run_id, &digits[..8])
}

impl Cluster<'_> {
    /// Takes over what an earlier session has submitted and Slurm still has.
    async fn adopt(&mut self) -> Result<(), OrchestratorError> {
        let jobs = client::jobs(&self.name).await?;
        let mut adopted = 0;
        for entry in jobs.iter().filter(|entry| entry.is_active()) {
            let Some(offset) = offset_of(entry) else {
                continue;
            };
            for &index in &entry.indices {
                let task = index + offset;
                let at = self.waiting.iter().position(|job| job.task == task);
                if let Some(at) = at {
                    let job = self.waiting.remove(at);
                    self.active
                        .insert((entry.array, index), Active { job, running: None });
                    adopted += 1;
                }
            }
        }
        if adopted > 0 {
            self.recorder.warn(format!(
                "{adopted} tasks are with Slurm already; they are watched, not submitted again"
            ));
        }
        Ok(())
    }

    async fn work(&mut self) -> Result<(), OrchestratorError> {
        let mut silences = 0;
        while !(self.waiting.is_empty() && self.active.is_empty()) {
            if self.stop.signal().is_some() && !self.halt().await? {
                return Ok(());
            }
            self.submit().await?;
            tokio::select! {
                () = sleep(self.options.poll) => {}
                _ = self.stop.urgent() => {}
            }
            match client::jobs(&self.name).await {
                Ok(jobs) => {
                    silences = 0;
                    self.look(&jobs).await;
                }
                // A controller that restarts doesn't answer; its jobs go on.
                Err(error) => {
                    silences += 1;
                    if silences == SILENCES {
                        return Err(error);
                    }
                    sleep(self.options.poll * silences).await;
                }
            }
        }
        Ok(())
    }

    /// Stops what is to stop; whether there is something left to wait for.
    async fn halt(&mut self) -> Result<bool, OrchestratorError> {
        self.report.left += self.waiting.len();
        self.waiting.clear();
        let arrays: BTreeSet<u64> = self.active.keys().map(|(array, _)| *array).collect();
        if self.stop.is_urgent() {
            client::cancel(arrays, false).await?;
            self.report.left += self.active.len();
            for active in std::mem::take(&mut self.active).into_values() {
                if active.running.is_some() {
                    self.stopped(&active);
                }
            }
            return Ok(false);
        }
        if !self.is_draining {
            self.is_draining = true;
            client::cancel(arrays, true).await?;
        }
        Ok(!self.active.is_empty())
    }

    fn stopped(&self, active: &Active) {
        let attempt = Attempt {
            outcome: Outcome::Stopped,
            ..Attempt::of(active.job.task, active.job.number(), "slurm".to_owned())
        };
        self.recorder.ended(attempt, Next::Stopped, self.began);
    }

    /// Submits what is due: all at once, or one array after the other where a number of tasks at
    /// the same time is to be kept, since Slurm keeps it for each array by itself.
    async fn submit(&mut self) -> Result<(), OrchestratorError> {
        let now = Instant::now();
        while self.stop.signal().is_none() {
            let busy = self.options.max_parallelism.is_some() && !self.active.is_empty();
            let first = self.waiting.iter().find(|job| job.due <= now);
            let Some(first) = first.filter(|_| !busy) else {
                break;
            };
            let (block, memory) = (first.task / self.block, first.memory_mib);
            let belongs = |job: &Job| {
                job.due <= now && job.task / self.block == block && job.memory_mib == memory
            };
            let (mut jobs, waiting): (Vec<Job>, Vec<Job>) =
                self.waiting.drain(..).partition(belongs);
            self.waiting = waiting;
            jobs.sort_by_key(|job| job.task);
            let offset = block * self.block;
            let indices: Vec<u32> = jobs.iter().map(|job| job.task - offset).collect();
            let array = client::submit(
                self.options,
                &Submission {
                    name: &self.name,
                    offset,
                    indices: &indices,
                    memory_mib: memory,
                    logs: &self.options.logs,
                },
            )
            .await?;
            for (job, index) in jobs.into_iter().zip(indices) {
                self.active
                    .insert((array, index), Active { job, running: None });
            }
        }
        Ok(())
    }

    /// Takes note of how jobs stand.
    async fn look(&mut self, jobs: &[Entry]) {
        let mut known: BTreeMap<(u64, u32), &Entry> = BTreeMap::new();
        for entry in jobs {
            for &index in &entry.indices {
                known.insert((entry.array, index), entry);
            }
        }
        let keys: Vec<(u64, u32)> = self.active.keys().copied().collect();
        for key in keys {
            let entry = known.get(&key).copied();
            let is_running = entry.is_some_and(|entry| entry.state != "PENDING");
            if is_running {
                self.began_running(key);
            }
            if entry.is_some_and(Entry::is_active) {
                continue;
            }
            if let Some(active) = self.active.remove(&key) {
                self.end(key, active, entry).await;
            }
        }
        self.tell_what_is_waited_for(jobs);
    }

    fn began_running(&mut self, key: (u64, u32)) {
        self.last_running = Instant::now();
        if let Some(active) = self.active.get_mut(&key)
            && active.running.is_none()
        {
            active.running = Some((Timestamp::now(), Instant::now()));
            self.recorder.started(active.job.task, active.job.number());
        }
    }

    /// Says why nothing runs, once for each reason: a job that can never run waits for ever.
    fn tell_what_is_waited_for(&mut self, jobs: &[Entry]) {
        if self.active.is_empty() || self.last_running.elapsed() < PATIENCE {
            return;
        }
        for entry in jobs.iter().filter(|entry| entry.state == "PENDING") {
            if self.told.insert(entry.reason.clone()) {
                self.recorder.warn(format!(
                    "nothing has run for a minute: Slurm's job {} waits for `{}`",
                    entry.array, entry.reason
                ));
            }
        }
    }

    /// An attempt has ended: what came of it, and what follows.
    async fn end(&mut self, key: (u64, u32), active: Active, entry: Option<&Entry>) {
        if active.running.is_none() && entry.is_some_and(|entry| entry.state == "CANCELLED") {
            // It never ran.
            self.report.left += 1;
            return;
        }
        if active.running.is_none() {
            self.recorder.started(active.job.task, active.job.number());
        }
        let (started, since) = active.running.unwrap_or((Timestamp::now(), Instant::now()));
        let mut attempt =
            ended::attempt(self.run, self.list, self.options, key, &active.job, entry).await;
        if attempt.started.is_empty() {
            attempt.started = timestamp(started);
            attempt.duration_secs = since.elapsed().as_secs_f64();
        }
        let mut job = active.job;
        let next = match (attempt.outcome, attempt.blame) {
            (Outcome::Done, _) => Next::Done,
            (_, blame) => {
                let blame = blame.unwrap_or(Blame::Application);
                match blame {
                    Blame::Application => job.application_failures += 1,
                    Blame::Infrastructure => job.infrastructure_failures += 1,
                }
                let failures = (job.application_failures, job.infrastructure_failures);
                match self.options.retries.after(failures, blame) {
                    _ if self.stop.signal().is_some() => Next::Stopped,
                    Some(delay) => Next::Retry(delay),
                    None => Next::Failed,
                }
            }
        };
        match next {
            Next::Done => {}
            Next::Retry(delay) => {
                if attempt.outcome == Outcome::OutOfMemory {
                    job.memory_mib = job.memory_mib.map(|mib| mib * 2);
                }
                job.due = Instant::now() + delay;
                self.waiting.push(job);
            }
            Next::Failed => self.report.failed.push(FailedTask::of(&attempt)),
            Next::Stopped => self.report.left += 1,
        }
        self.recorder.ended(attempt, next, self.began);
    }
}

/// What is added to an index of a job's array, as its comment says.
fn offset_of(entry: &Entry) -> Option<u32> {
    entry.comment.strip_prefix("offset=")?.parse().ok()
}
