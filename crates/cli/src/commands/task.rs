//! `epycloud task`: the stage that the environment names, as a job of a cluster or of Batch; a task of
//! stage B if it names none.

use epycloud_config::{Environment, RuntimeSettings, Stage};
use epycloud_errors::{ExitCode, Report};
use epycloud_stages::{StageRun, run_stage};

use super::runtime::{Ended, block_on, log_to_stderr};
use crate::error::CliError;

pub(crate) fn run() -> Result<ExitCode, Report> {
    let environment = Environment::from_process();
    let settings = RuntimeSettings::from_environment(&environment)
        .map_err(|source| CliError::Settings { source })?;
    let stage = settings.stage.as_ref();
    let stage = stage.map_or(Stage::Runner, |stage| stage.value);
    log_to_stderr(&settings, Some(stage))?;
    let run = StageRun::from_runtime(&settings, stage)?;
    match block_on(run_stage(&run, &settings, &environment, stage))? {
        Ended::Itself(ran) => ran.map_err(Report::new),
        Ended::Stopped(code) => Ok(code),
    }
}
