//! The three stages, one after the other, on this machine.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use epycloud_config::Stage;
use epycloud_stages::{BuilderReport, OutputReport, StageError, StageRun, run_builder, run_output};

use crate::error::{FailedTask, OrchestratorError};
use crate::event::{Event, Observer};
use crate::pool;
use crate::worker::WorkerCommand;

/// A workflow on this machine: stages A and C in this process, stage B in workers.
pub struct LocalWorkflow {
    /// The run.
    pub run: StageRun,
    /// How workers are started; their environment must describe the same run.
    pub worker: WorkerCommand,
    /// The most tasks that run at the same time.
    pub max_parallelism: NonZeroUsize,
    /// Whether to end after stage B.
    pub skip_output: bool,
}

/// What a workflow has done.
#[derive(Debug, Clone)]
pub struct WorkflowReport {
    /// Stage A.
    pub built: BuilderReport,
    /// The tasks without a result, in order.
    pub failed: Vec<FailedTask>,
    /// Stage C, unless it was left out.
    pub output: Option<OutputReport>,
    /// How long it all took, in seconds.
    pub duration_secs: f64,
}

impl LocalWorkflow {
    /// Runs the stages. Dropping the future ends the workers.
    ///
    /// # Errors
    /// When a stage fails, no worker can be started, or tasks have no result (all of them, or some
    /// without [`allow_partial_results`](epycloud_stages::StageSettings::allow_partial_results)).
    pub async fn execute(
        &self,
        observer: Arc<dyn Observer>,
    ) -> Result<WorkflowReport, OrchestratorError> {
        let started = Instant::now();
        let built = stage(&*observer, Stage::Builder, 1, run_builder(&self.run)).await?;
        for message in &built.warnings {
            observer.notify(&Event::Warning {
                message: message.clone(),
            });
        }
        let failed = self.run_tasks(built.n, &observer).await?;
        let output = if self.skip_output {
            None
        } else {
            Some(stage(&*observer, Stage::Output, 1, run_output(&self.run)).await?)
        };
        if let Some(output) = &output {
            for message in &output.warnings {
                observer.notify(&Event::Warning {
                    message: message.clone(),
                });
            }
        }
        let duration_secs = started.elapsed().as_secs_f64();
        Ok(WorkflowReport {
            built,
            failed,
            output,
            duration_secs,
        })
    }

    async fn run_tasks(
        &self,
        n: u32,
        observer: &Arc<dyn Observer>,
    ) -> Result<Vec<FailedTask>, OrchestratorError> {
        let started = Instant::now();
        observer.notify(&Event::StageStarted {
            stage: Stage::Runner,
            tasks: n,
        });
        let failed = pool::run_tasks(&self.worker, n, self.max_parallelism, observer).await?;
        observer.notify(&Event::StageFinished {
            stage: Stage::Runner,
            duration_secs: started.elapsed().as_secs_f64(),
        });
        if failed.len() == n as usize {
            Err(OrchestratorError::NoResults { failed, n })
        } else if failed.is_empty() || self.run.settings.allow_partial_results {
            Ok(failed)
        } else {
            Err(OrchestratorError::TasksFailed { failed, n })
        }
    }
}

async fn stage<T>(
    observer: &dyn Observer,
    stage: Stage,
    tasks: u32,
    work: impl Future<Output = Result<T, StageError>>,
) -> Result<T, OrchestratorError> {
    let started = Instant::now();
    observer.notify(&Event::StageStarted { stage, tasks });
    let done = work.await.map_err(|source| OrchestratorError::Stage {
        letter: stage.letter(),
        source,
    })?;
    observer.notify(&Event::StageFinished {
        stage,
        duration_secs: started.elapsed().as_secs_f64(),
    });
    Ok(done)
}
