//! Watching one job, for as long as it can reasonably take.

use std::collections::BTreeSet;
use std::time::Duration;

use epycloud_google::GoogleError;
use epycloud_google::batch::{Job, JobState, TaskCounts};
use tokio::time::{Instant, sleep};

use super::jobs::Jobs;
use crate::recorder::Recorder;

/// How long nothing may happen before it is said what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a job that is watched stands.
pub(super) enum Seen {
    /// Otherwise than before; it may still do something.
    Changed(Job),
    /// It has ended, or is being ended.
    Ended(Job),
    /// Somebody has deleted it.
    Gone,
    /// Nothing has happened for longer than its tasks and the queue can explain; why, in words.
    Overdue(String),
}

/// A job, watched.
pub(super) struct Watch<'a> {
    jobs: &'a Jobs<'a>,
    name: String,
    /// The time limit of one task.
    max_run: Duration,
    queue_allowance: Duration,
    last: Option<(JobState, TaskCounts)>,
    since: Instant,
    told: BTreeSet<String>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        jobs: &'a Jobs<'a>,
        job: &Job,
        max_run: Duration,
        queue_allowance: Duration,
    ) -> Self {
        Self {
            jobs,
            name: job.name.clone(),
            max_run,
            queue_allowance,
            last: None,
            since: Instant::now(),
            told: BTreeSet::new(),
        }
    }

    /// Waits until there is something to tell. May be dropped and called again.
    pub(super) async fn next(&mut self, recorder: &Recorder) -> Result<Seen, GoogleError> {
        let seen = self.look(recorder).await;
        if seen.is_err() {
            let id = self.name.rsplit('/').next().unwrap_or_default();
            recorder.warn(format!("job {id} goes on; `--resume` watches it again"));
        }
        seen
    }

    async fn look(&mut self, recorder: &Recorder) -> Result<Seen, GoogleError> {
        loop {
            if self.last.is_some() {
                sleep(self.jobs.poll()).await;
            }
            let job = match self.jobs.read(&self.name).await {
                Ok(job) => job,
                Err(error) if error.is_not_found() => return Ok(Seen::Gone),
                Err(error) => return Err(error),
            };
            let state = &job.status.state;
            if *state == JobState::Succeeded || state.is_failure() {
                return Ok(Seen::Ended(job));
            }
            let standing = (state.clone(), job.counts());
            if self.last.as_ref() != Some(&standing) {
                self.last = Some(standing);
                self.since = Instant::now();
                return Ok(Seen::Changed(job));
            }
            if let Some(why) = self.overdue(&job) {
                return Ok(Seen::Overdue(why));
            }
            self.tell_what_is_waited_for(&job, recorder);
        }
    }

    /// A task that runs is ended by Batch at its limit, and one that doesn't waits for a machine:
    /// beyond both, nothing will happen any more.
    fn overdue(&self, job: &Job) -> Option<String> {
        let limit = match job.counts().running {
            0 => self.queue_allowance,
            _ => self.max_run + self.queue_allowance,
        };
        let waited = self.since.elapsed();
        (waited > limit).then(|| {
            let seconds = waited.as_secs();
            let id = job.id();
            format!(
                "job `{id}` was given up: nothing has happened for {seconds} s{}",
                last(job)
            )
        })
    }

    /// Says once for each reason why nothing runs: a job without a quota waits for ever.
    fn tell_what_is_waited_for(&mut self, job: &Job, recorder: &Recorder) {
        if job.counts().running > 0 || self.since.elapsed() < PATIENCE {
            return;
        }
        let said = last(job);
        if self.told.insert(said.clone()) {
            let (id, state) = (job.id(), &job.status.state);
            recorder.warn(format!(
                "nothing has run for a minute: job {id} is {state}{said}"
            ));
        }
    }
}

/// What last happened to a job, to be put behind something else.
fn last(job: &Job) -> String {
    job.last_event()
        .map_or_else(String::new, |event| format!(" ({})", event.description))
}
