//! A process that runs one stage, in a container or as a job.

use epycloud_config::{Environment, RuntimeSettings, Stage};
use epycloud_errors::ExitCode;

use crate::error::StageError;
use crate::run::StageRun;
use crate::{forecast, run_builder, run_output, run_runner};

/// Runs the stage that a process is for, the forecast repository first, and says how the process is
/// to end.
///
/// # Errors
/// As the stage's own function; stage B needs the index of its task.
pub async fn run_stage(
    run: &StageRun,
    settings: &RuntimeSettings,
    environment: &Environment,
    stage: Stage,
) -> Result<ExitCode, StageError> {
    forecast::obtain(run, settings, environment, stage).await?;
    match stage {
        Stage::Builder => run_builder(run).await.map(|_| ExitCode::Done),
        Stage::Runner => {
            let index = settings.task_index.as_ref();
            let index = index.ok_or(StageError::NoTaskIndex)?.value;
            run_runner(run, index).await.map(|_| ExitCode::Done)
        }
        Stage::Output => {
            let report = run_output(run).await?;
            forecast::clean_up(run, settings, &report).await;
            Ok(if report.is_partial() {
                ExitCode::Partial
            } else {
                ExitCode::Done
            })
        }
    }
}
