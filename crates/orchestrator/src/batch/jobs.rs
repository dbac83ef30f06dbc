//! A run's jobs: found, submitted, read, ended.

use std::time::Duration;

use epycloud_config::Stage;
use epycloud_errors::{Diagnose as _, ExitCode};
use epycloud_google::batch::{
    Job, Jobs as JobPage, Manager, StageJob, Task, Tasks, create_job, delete_job, get_job,
    list_jobs, list_tasks, with_labels,
};
use epycloud_google::logging::{Entries, JobLog, LogEntry, Order, Severity, list_entries};
use epycloud_google::{Client, GoogleError, Place, label_value, request_id};
use epycloud_stages::{Sha256, StageRun};
use serde_json::Value;
use tokio::time::sleep;

use super::BatchOptions;

/// How often Batch may stay away in a row before the run is given up; the client has been patient
/// each time.
const SILENCES: u32 = 20;
/// How many lines of a failed stage's log are told.
const SAID: usize = 3;
/// Why a job is deleted, for its record.
const REASON: &str = "epycloud run workflow was stopped, or waited too long";

/// A run's jobs.
pub(super) struct Jobs<'a> {
    client: &'a Client,
    place: &'a Place,
    poll: Duration,
    run_label: String,
    /// Which run a job is of; where the run lies is part of it.
    digits: String,
}

impl<'a> Jobs<'a> {
    pub(super) fn new(run: &StageRun, options: &'a BatchOptions) -> Self {
        let lies_at = run.storage.url_of(run.layout.root());
        let digits = Sha256::of(lies_at.as_bytes()).to_string();
        Self {
            client: &options.client,
            place: &options.place,
            poll: options.poll,
            run_label: label_value(run.settings.run_id.as_str()),
            digits: digits[..8].to_owned(),
        }
    }

    pub(super) const fn poll(&self) -> Duration {
        self.poll
    }

    /// Those that this program has submitted for the run, the newest first.
    pub(super) async fn all(&self) -> Result<Vec<Job>, GoogleError> {
        let filter = with_labels(&[
            ("run_id", &self.run_label),
            ("managed-by", Manager::Client.as_str()),
        ]);
        let request = list_jobs(self.place, Some(&filter));
        let is_own = |job: &Job| stages().any(|stage| self.number(job.id(), stage).is_some());
        let listed = || {
            self.client
                .list_some::<JobPage>(&request, is_own, usize::MAX)
        };
        self.patiently(listed).await
    }

    /// Submits a job under the next free number. One that is there already under that number was
    /// submitted by a session that didn't live to hear of it: it is the one, if it may still run.
    pub(super) async fn submit(&self, job: &StageJob) -> Result<Job, GoogleError> {
        let stage = job.task.stage();
        let known = self.all().await?;
        let numbers = known.iter().filter_map(|job| self.number(job.id(), stage));
        let mut number = numbers.max().unwrap_or_default() + 1;
        loop {
            let id = format!("{}{number}", self.prefix(stage));
            let request = create_job(self.place, &id, &request_id(), &job.spec());
            match self.patiently(|| self.client.send(&request)).await {
                Err(GoogleError::Conflict { .. }) => {
                    let there: Job = self.read(&self.place.job(&id)).await?;
                    if there.status.state.is_active() {
                        return Ok(there);
                    }
                    number += 1;
                }
                created => return created,
            }
        }
    }

    /// How a job stands now.
    pub(super) async fn read(&self, name: &str) -> Result<Job, GoogleError> {
        let request = get_job(name);
        self.patiently(|| self.client.send(&request)).await
    }

    /// How its tasks stand; none where it is gone.
    pub(super) async fn tasks(&self, name: &str) -> Result<Vec<Task>, GoogleError> {
        let request = list_tasks(name);
        let listed = self.patiently(|| self.client.list::<Tasks>(&request)).await;
        match listed {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            listed => listed,
        }
    }

    /// The last grave lines of a job's log, the oldest first: what a stage has said that failed. That
    /// they can't be had harms nobody.
    pub(super) async fn said(&self, job: &Job) -> Vec<String> {
        let log = JobLog {
            job: Some(job.id().to_owned()),
            level: Some(Severity::Error),
            ..JobLog::default()
        };
        let request = list_entries(&self.place.project, &log.filter(), Order::Newest);
        let listed = self.client.list_some::<Entries>(&request, |_| true, SAID);
        let entries = listed.await.unwrap_or_default();
        entries.iter().rev().map(LogEntry::message).collect()
    }

    /// Ends a job, with the tasks that run.
    pub(super) async fn delete(&self, name: &str) -> Result<(), GoogleError> {
        let request = delete_job(name, &request_id(), REASON);
        let deleted = self.patiently(|| self.client.send::<Value>(&request)).await;
        match deleted {
            Err(error) if error.is_not_found() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    /// `stage-b-client-{which run}-`; a number follows.
    fn prefix(&self, stage: Stage) -> String {
        let letter = stage.letter().to_ascii_lowercase();
        format!("stage-{letter}-client-{}-", self.digits)
    }

    /// The number of the run's job of a stage.
    fn number(&self, id: &str, stage: Stage) -> Option<u32> {
        id.strip_prefix(&self.prefix(stage))?.parse().ok()
    }

    /// Asks again while the failure may pass: jobs don't notice that nobody hears of them.
    async fn patiently<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T, GoogleError>
    where
        F: Future<Output = Result<T, GoogleError>>,
    {
        let mut silences = 0;
        loop {
            match ask().await {
                Err(error) if error.exit_code() == ExitCode::Temporary && silences < SILENCES => {
                    silences += 1;
                    sleep(self.poll).await;
                }
                asked => return asked,
            }
        }
    }
}

fn stages() -> impl Iterator<Item = Stage> {
    [Stage::Builder, Stage::Runner, Stage::Output].into_iter()
}
