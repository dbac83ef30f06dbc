//! Running the stage.

use epycloud_config::{Environment, ExecutionMode, RuntimeSettings, Stage, TaskIndex};
use epycloud_errors::{Diagnose, ExitCode, Report};
use epycloud_logging::{StageContext, init, log_failure};
use epycloud_stages::engine::stop;
use epycloud_stages::{StageError, StageRun, run_stage};
use tokio::runtime::{Builder, Runtime};
use tracing::warn;

use crate::signals::listen;
use crate::{failure, log, privileges};

/// `STAGE` isn't set.
#[derive(Debug, thiserror::Error)]
#[error("`STAGE` is not set")]
struct NoStage;

impl Diagnose for NoStage {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        Some("valid values: builder (or A), runner (or B), output (or C)".to_owned())
    }
}

/// Runs the stage that the environment names and logs how it ends.
pub(crate) fn run(environment: &Environment) -> ExitCode {
    let prepared = prepare(environment);
    let context = match &prepared {
        Ok(prepared) => Some(prepared.context()),
        Err(_) => log::early_context(environment),
    };
    let options = log::options(environment, context);
    let for_people = options.mode == ExecutionMode::Local;
    // It can't have been started before in this process.
    let _ = init(options);
    let ended = prepared.and_then(|prepared| {
        for warning in prepared.settings.warnings() {
            warn!("{warning}");
        }
        prepared.run()
    });
    match ended {
        Ok(code) => code,
        Err(report) => {
            if !is_logged(&report) {
                log_failure(log::stage(environment), &report);
            }
            if for_people {
                failure::print(&report)
            } else {
                report.exit_code()
            }
        }
    }
}

/// A panic is logged where it happens.
fn is_logged(report: &Report) -> bool {
    matches!(report.error().downcast_ref(), Some(StageError::Bug { .. }))
}

/// A stage that is ready to run.
struct Prepared {
    stage: Stage,
    run: StageRun,
    task_index: Option<TaskIndex>,
    settings: RuntimeSettings,
    environment: Environment,
}

fn prepare(environment: &Environment) -> Result<Prepared, Report> {
    let settings = RuntimeSettings::from_environment(environment)?;
    let stage = settings.stage.as_ref().ok_or(NoStage)?.value;
    privileges::give_up(&settings)?;
    Ok(Prepared {
        stage,
        run: StageRun::from_runtime(&settings, stage)?,
        task_index: settings.task_index.as_ref().map(|index| index.value),
        settings,
        environment: environment.clone(),
    })
}

impl Prepared {
    fn context(&self) -> StageContext {
        StageContext {
            stage: self.stage,
            exp_id: Some(self.run.settings.exp_id.clone()),
            run_id: Some(self.run.settings.run_id.clone()),
            task_index: self.task_index.filter(|_| self.stage == Stage::Runner),
        }
    }

    fn run(self) -> Result<ExitCode, Report> {
        let runtime = runtime()?;
        let ended = runtime.block_on(async {
            let stage = run_stage(&self.run, &self.settings, &self.environment, self.stage);
            let stopped = listen();
            tokio::select! {
                signal = stopped => {
                    stop(signal.into());
                    Err(Report::new(signal))
                }
                ended = stage => ended.map_err(Report::new),
            }
        });
        // A stopped stage's threads are left behind: what they write is whole or absent.
        runtime.shutdown_background();
        ended
    }
}

fn runtime() -> Result<Runtime, StageError> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| StageError::Runtime { source })
}
