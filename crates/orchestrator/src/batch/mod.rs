//! All three stages as jobs of Google Cloud Batch, submitted and watched from here, for accounts
//! without Workflows.
//!
//! Jobs go on when this process dies. Their IDs name the run and count, so a session that resumes
//! the run finds them again and watches what an earlier one has submitted, instead of submitting it
//! a second time. Batch itself repeats what a machine has failed; what fails by itself comes back
//! here, and is submitted again within a budget of its own.

mod ended;
mod jobs;
mod reports;
mod round;
mod runners;
mod single;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use epycloud_google::batch::{Network, StageJob, StageTask};
use epycloud_google::pipeline::PipelineRun;
use epycloud_google::{Client, Place};
use epycloud_stages::{BuilderReport, OutputReport, StageRun, TaskList};

use crate::error::OrchestratorError;
use crate::pool::PoolReport;
use crate::recorder::Recorder;
use crate::retries::RetryPolicy;
use crate::stop::Stop;
use runners::Runners;
use single::Single;

/// How stages run as jobs of Batch.
#[derive(Debug, Clone)]
pub struct BatchOptions {
    /// Who asks Batch. It belongs to the runtime that the workflow runs in.
    pub client: Arc<Client>,
    /// Where the jobs run.
    pub place: Place,
    /// The run, as the workflow would be given it. A task that spot machines have lost, and Batch has
    /// repeated in vain, gets a standard one.
    pub run: PipelineRun,
    /// The machines' network; the project's default if none.
    pub network: Option<Network>,
    /// The memory of stage B's machine type in MiB, beyond which a task can't get more after it ran
    /// out; nothing where Batch chooses the machine.
    pub memory_limit_mib: Option<u64>,
    /// How many jobs a task may be part of, beyond what Batch repeats by itself.
    pub retries: RetryPolicy,
    /// How often Batch is asked.
    pub poll: Duration,
    /// How long jobs may wait for machines, beyond the time limits of their tasks.
    pub queue_allowance: Duration,
}

impl BatchOptions {
    /// The job of a stage, or of tasks of stage B, as it is submitted.
    #[must_use]
    pub fn job(&self, task: StageTask) -> StageJob {
        StageJob {
            network: self.network.clone(),
            ..self.run.job(&self.place, task)
        }
    }
}

/// Stage A; `again` says that the tasks may be there.
pub(crate) async fn build(
    run: &StageRun,
    options: &BatchOptions,
    again: bool,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<BuilderReport, OrchestratorError> {
    let stage = Single::new(run, options, recorder, stop);
    stage.run(StageTask::Builder, again).await?;
    reports::built(run).await
}

/// Stage B.
pub(crate) async fn run_tasks(
    run: &StageRun,
    list: &TaskList,
    options: &BatchOptions,
    tasks: Vec<u32>,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<PoolReport, OrchestratorError> {
    Runners::new(run, list, options, tasks, recorder, stop)
        .work()
        .await
}

/// Stage C. `failures` are the causes of tasks without a result.
pub(crate) async fn write(
    run: &StageRun,
    options: &BatchOptions,
    failures: &BTreeMap<u32, String>,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<OutputReport, OrchestratorError> {
    let stage = Single::new(run, options, recorder, stop);
    stage.run(options.run.output_task(), false).await?;
    reports::written(run, failures).await
}
