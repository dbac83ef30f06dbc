//! Stages A and C: one task each.

use std::collections::BTreeMap;
use std::time::Duration;

use epycloud_config::Stage;
use epycloud_errors::ExitCode;
use epycloud_google::batch::{Job, JobState, StageJob, StageTask, Task};
use epycloud_stages::StageRun;
use epycloud_stages::engine::StopSignal;

use super::BatchOptions;
use super::ended;
use super::jobs::Jobs;
use super::reports;
use super::watch::{Seen, Watch};
use crate::error::OrchestratorError;
use crate::event::Event;
use crate::recorder::Recorder;
use crate::stop::Stop;

/// A stage of one task.
pub(super) struct Single<'a> {
    run: &'a StageRun,
    options: &'a BatchOptions,
    jobs: Jobs<'a>,
    recorder: &'a Recorder,
    stop: &'a Stop,
}

impl<'a> Single<'a> {
    pub(super) fn new(
        run: &'a StageRun,
        options: &'a BatchOptions,
        recorder: &'a Recorder,
        stop: &'a Stop,
    ) -> Self {
        Self {
            run,
            options,
            jobs: Jobs::new(run, options),
            recorder,
            stop,
        }
    }

    /// Has Batch run the stage, or watches the job that an earlier session has submitted for it.
    /// `again` says that it is to run even if it is done.
    pub(super) async fn run(&self, task: StageTask, again: bool) -> Result<(), OrchestratorError> {
        let wanted = self.options.job(task);
        if let Some(job) = self.found(&wanted, again).await? {
            let id = job.id();
            self.recorder.warn(format!(
                "job {id} is with Batch already; it is watched, not submitted again"
            ));
            self.see_through(&wanted, &job).await?;
            // Tasks are what they are built from; outputs may be asked for otherwise than then.
            if wanted.task.stage() == Stage::Builder || is_same(&job, &wanted) {
                return Ok(());
            }
        }
        let job = self.submit(&wanted).await?;
        self.see_through(&wanted, &job).await
    }

    /// The run's newest job, if it is one of this stage that may still run, or has done just what is
    /// wanted since it was seen not to be done.
    async fn found(
        &self,
        wanted: &StageJob,
        again: bool,
    ) -> Result<Option<Job>, OrchestratorError> {
        let newest = self.jobs.all().await?.into_iter().next();
        let stage = wanted.task.stage();
        let Some(job) = newest.filter(|job| job.stage() == Some(stage.as_str())) else {
            return Ok(None);
        };
        if job.status.state.is_active() {
            return Ok(Some(job));
        }
        let may_have_done_it =
            !again && job.status.state == JobState::Succeeded && is_same(&job, wanted);
        let has_done_it = may_have_done_it
            && match stage {
                Stage::Builder => reports::built(self.run).await.is_ok(),
                _ => reports::written(self.run, &BTreeMap::new()).await.is_ok(),
            };
        Ok(has_done_it.then_some(job))
    }

    async fn submit(&self, wanted: &StageJob) -> Result<Job, OrchestratorError> {
        if let Some(signal) = self.stop.signal() {
            return Err(self.stopped(signal));
        }
        let job = self.jobs.submit(wanted).await?;
        self.recorder.tell(&Event::JobSubmitted {
            stage: wanted.task.stage(),
            job: job.id().to_owned(),
            tasks: 1,
        });
        Ok(job)
    }

    async fn see_through(&self, wanted: &StageJob, job: &Job) -> Result<(), OrchestratorError> {
        let max_run = Duration::from_secs(wanted.machine.max_run_secs);
        let mut watch = Watch::new(&self.jobs, job, max_run, self.options.queue_allowance);
        let stage = wanted.task.stage();
        loop {
            let seen = tokio::select! {
                seen = watch.next(self.recorder) => seen?,
                signal = self.stop.asked() => {
                    self.jobs.delete(&job.name).await?;
                    return Err(self.stopped(signal));
                }
            };
            match seen {
                Seen::Changed(_) => {}
                Seen::Ended(job) => return self.outcome(stage, &job).await,
                Seen::Gone => {
                    let cause = format!("job `{}` was deleted", job.id());
                    return Err(failed(stage, vec![cause], None, ExitCode::Failed));
                }
                Seen::Overdue(why) => {
                    self.jobs.delete(&job.name).await?;
                    return Err(failed(stage, vec![why], None, ExitCode::Temporary));
                }
            }
        }
    }

    async fn outcome(&self, stage: Stage, job: &Job) -> Result<(), OrchestratorError> {
        if job.status.state == JobState::Succeeded {
            return Ok(());
        }
        let tasks = self.jobs.tasks(&job.name).await?;
        let code = tasks.first().and_then(Task::exit_code);
        let partial = i32::from(ExitCode::Partial.code());
        if stage == Stage::Output && code == Some(partial) {
            return Ok(());
        }
        let told = match code.and_then(ExitCode::from_code) {
            Some(_) => reports::failure(self.run, stage, job).await,
            // The program didn't come to its own end.
            None => None,
        };
        let chain = match told {
            Some(chain) => chain,
            None => {
                let how = ended::describe(job, code, tasks.first());
                [vec![how], self.jobs.said(job).await].concat()
            }
        };
        let hint = Some(format!(
            "`epycloud logs --job-name {}` shows its log",
            job.id()
        ));
        Err(failed(stage, chain, hint, ended::exit_code(code)))
    }

    fn stopped(&self, signal: StopSignal) -> OrchestratorError {
        OrchestratorError::Stopped {
            signal,
            done: 0,
            n: 0,
            run_id: self.run.settings.run_id.clone(),
        }
    }
}

/// Whether a job is told just what another is, and runs the same image.
fn is_same(job: &Job, wanted: &StageJob) -> bool {
    let spec = wanted.spec();
    let told = spec
        .task_groups
        .first()
        .map(|group| &group.task_spec.environment.variables);
    job.variables() == told && job.image() == Some(&wanted.image)
}

fn failed(
    stage: Stage,
    chain: Vec<String>,
    hint: Option<String>,
    exit_code: ExitCode,
) -> OrchestratorError {
    OrchestratorError::StageElsewhere {
        letter: stage.letter(),
        chain,
        hint,
        exit_code,
    }
}
