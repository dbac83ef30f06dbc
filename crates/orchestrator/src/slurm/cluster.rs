//! The cluster at work: what is submitted, what runs, what has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use epycloud_errors::chain;
use epycloud_stages::{StageRun, TaskList};
use jiff::Timestamp;
use tokio::time::sleep;

use super::SlurmOptions;
use super::accounting::{self, Accounted};
use super::client::{self, Configuration, Submission};
use super::end::End;
use super::ended::{Ended, worker};
use super::name::{JobNames, Named};
use super::queue::{Entry, Key};
use crate::error::{FailedTask, OrchestratorError};
use crate::pool::PoolReport;
use crate::record::{Attempt, Outcome, timestamp};
use crate::recorder::{Next, Recorder};
use crate::retries::Failures;
use crate::stop::Stop;

/// How often Slurm may fail to answer in a row before the run is given up.
const SILENCES: u32 = 20;
/// How long jobs may wait before it is said what for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much later than the controller the accounting may hear of a job's end.
const ACCOUNTING_DELAY: Duration = Duration::from_secs(10);

/// A task's attempt.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) task: u32,
    failures: Failures,
    memory_mib: Option<u64>,
    /// Not before then.
    due: Instant,
}

impl Job {
    fn number(&self) -> u32 {
        self.failures.in_all() + 1
    }
}

/// An attempt that Slurm has.
pub(super) struct Active {
    pub(super) job: Job,
    /// When it was first seen to run.
    running: Option<(Timestamp, Instant)>,
    /// When it was first seen to have ended, while the accounting doesn't know that yet.
    ended: Option<Instant>,
}

impl Active {
    pub(super) const fn of(job: Job) -> Self {
        Self {
            job,
            running: None,
            ended: None,
        }
    }
}

/// The cluster at work.
pub(super) struct Cluster<'a> {
    pub(super) ended: Ended<'a>,
    pub(super) options: &'a SlurmOptions,
    pub(super) recorder: &'a Recorder,
    pub(super) stop: &'a Stop,
    pub(super) names: JobNames,
    pub(super) block: u32,
    pub(super) waiting: Vec<Job>,
    pub(super) active: BTreeMap<Key, Active>,
    has_accounting: bool,
    began: Instant,
    last_running: Instant,
    told: BTreeSet<String>,
    is_draining: bool,
    report: PoolReport,
}

impl<'a> Cluster<'a> {
    pub(super) fn new(
        (run, list): (&'a StageRun, &'a TaskList),
        options: &'a SlurmOptions,
        tasks: Vec<u32>,
        configuration: &Configuration,
        (recorder, stop): (&'a Recorder, &'a Stop),
    ) -> Self {
        let now = Instant::now();
        let waiting = tasks.into_iter().map(|task| Job {
            task,
            failures: Failures::default(),
            memory_mib: options.task_memory_mib,
            due: now,
        });
        Self {
            ended: Ended { run, list, options },
            options,
            recorder,
            stop,
            names: JobNames::of(run, list),
            block: configuration.max_array_size,
            waiting: waiting.collect(),
            active: BTreeMap::new(),
            has_accounting: configuration.has_accounting,
            began: now,
            last_running: now,
            told: BTreeSet::new(),
            is_draining: false,
            report: PoolReport::default(),
        }
    }

    /// Brings all tasks to their end.
    pub(super) async fn work(mut self) -> Result<PoolReport, OrchestratorError> {
        let mut silences = 0;
        while !(self.waiting.is_empty() && self.active.is_empty()) {
            if self.stop.signal().is_some() && !self.halt().await? {
                break;
            }
            self.submit().await?;
            tokio::select! {
                () = sleep(self.options.poll) => {}
                _ = self.stop.urgent() => {}
            }
            match client::jobs(&self.names).await {
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
        self.report.failed.sort_by_key(|task| task.task);
        Ok(self.report)
    }

    /// Stops what is to stop; whether there is something left to wait for.
    async fn halt(&mut self) -> Result<bool, OrchestratorError> {
        self.report.left += self.waiting.len();
        self.waiting.clear();
        let arrays: BTreeSet<u64> = self.active.keys().map(|(array, _)| *array).collect();
        if self.stop.is_urgent() {
            client::cancel(arrays, false).await?;
            self.report.left += self.active.len();
            for (key, active) in std::mem::take(&mut self.active) {
                if active.running.is_some() {
                    self.stopped(key, &active);
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

    fn stopped(&self, key: Key, active: &Active) {
        let mut attempt = Attempt::of(active.job.task, active.job.number(), worker(key));
        attempt.outcome = Outcome::Stopped;
        take_seen_times(&mut attempt, active);
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
            let submission = Submission {
                name: self.names.at(offset),
                offset,
                indices: &indices,
                memory_mib: memory,
            };
            let array = client::submit(self.options, &submission).await?;
            let keys = indices.into_iter().map(|index| (array, index));
            self.active
                .extend(keys.zip(jobs.into_iter().map(Active::of)));
        }
        Ok(())
    }

    /// Takes note of how jobs stand.
    async fn look(&mut self, jobs: &[(Named, Entry)]) {
        let mut known: BTreeMap<Key, &End> = BTreeMap::new();
        for (_, entry) in jobs {
            known.extend(entry.keys().map(|key| (key, &entry.end)));
        }
        let keys: Vec<Key> = self.active.keys().copied().collect();
        let mut without_result = Vec::new();
        for key in keys {
            let end = known.get(&key).copied();
            if end.is_some_and(|end| end.state != "PENDING" && !end.never_ran()) {
                self.began_running(key);
            }
            if end.is_some_and(End::is_active) {
                continue;
            }
            let Some(active) = self.active.remove(&key) else {
                continue;
            };
            let end = end.cloned().unwrap_or_else(End::forgotten);
            if self.stop.signal().is_some() && active.running.is_none() && end.never_ran() {
                self.report.left += 1;
                continue;
            }
            let job = (active.job.task, active.job.number());
            match self.ended.done(key, job, &end).await {
                Some(attempt) => self.finish(active, attempt),
                None => without_result.push((key, active, end)),
            }
        }
        self.account_for(without_result).await;
        self.tell_what_is_waited_for(jobs);
    }

    fn began_running(&mut self, key: Key) {
        self.last_running = Instant::now();
        if let Some(active) = self.active.get_mut(&key)
            && active.running.is_none()
        {
            active.running = Some((Timestamp::now(), Instant::now()));
            self.recorder.started(active.job.task, active.job.number());
        }
    }

    /// Says why nothing runs, once for each reason: a job that can never run waits for ever.
    fn tell_what_is_waited_for(&mut self, jobs: &[(Named, Entry)]) {
        if self.active.is_empty() || self.last_running.elapsed() < PATIENCE {
            return;
        }
        let entries = jobs.iter().map(|(_, entry)| entry);
        for entry in entries.filter(|entry| entry.end.state == "PENDING") {
            if self.told.insert(entry.reason.clone()) {
                self.recorder.warn(format!(
                    "nothing has run for a minute: Slurm's job {} waits for `{}`",
                    entry.array, entry.reason
                ));
            }
        }
    }

    /// Ends the attempts that came to nothing, as the accounting has it where there is one. What it
    /// hasn't heard of yet is looked at again.
    async fn account_for(&mut self, ended: Vec<(Key, Active, End)>) {
        if ended.is_empty() {
            return;
        }
        let keys: Vec<Key> = ended.iter().map(|(key, ..)| *key).collect();
        let asked = self.has_accounting;
        let accounted = if asked {
            let answer = accounting::of(&keys).await;
            self.accounted(answer)
        } else {
            BTreeMap::new()
        };
        for (key, mut active, end) in ended {
            let job = accounted.get(&key).filter(|job| !job.end.is_active());
            if job.is_none() && self.has_accounting {
                let since = *active.ended.get_or_insert_with(Instant::now);
                if since.elapsed() < ACCOUNTING_DELAY {
                    self.active.insert(key, active);
                    continue;
                }
            }
            let end = job.map_or(end, |job| job.end.clone());
            let job = (active.job.task, active.job.number());
            let attempt = self.ended.failed(key, job, &end).await;
            self.finish(active, attempt);
        }
    }

    /// What the accounting answers; where it doesn't, it isn't asked again.
    pub(super) fn accounted(
        &mut self,
        answer: Result<BTreeMap<Key, Accounted>, OrchestratorError>,
    ) -> BTreeMap<Key, Accounted> {
        answer.unwrap_or_else(|error| {
            self.has_accounting = false;
            self.recorder.warn(format!(
                "{}; how jobs end is told by `squeue` alone",
                chain(&error).join(": ")
            ));
            BTreeMap::new()
        })
    }

    /// Whether `sacct` can be asked.
    pub(super) const fn has_accounting(&self) -> bool {
        self.has_accounting
    }

    /// An attempt has ended: what follows.
    fn finish(&mut self, active: Active, mut attempt: Attempt) {
        if active.running.is_none() {
            self.recorder.started(attempt.task, attempt.number);
        }
        take_seen_times(&mut attempt, &active);
        let mut job = active.job;
        let next = match (attempt.outcome, attempt.blame) {
            (Outcome::Done, _) => Next::Done,
            (_, blame) => {
                job.failures.count(blame);
                match self.options.retries.after(job.failures, blame) {
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

/// When an attempt was, as far as that was seen from here and nobody knows better.
fn take_seen_times(attempt: &mut Attempt, active: &Active) {
    if !attempt.started.is_empty() {
        return;
    }
    let (started, since) = active.running.unwrap_or((Timestamp::now(), Instant::now()));
    attempt.started = timestamp(started);
    attempt.duration_secs = since.elapsed().as_secs_f64();
}
