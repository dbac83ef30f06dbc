//! `epycloud task`: the task that the environment names, as a cluster's job.

use epycloud_config::{Environment, RuntimeSettings, Stage};
use epycloud_errors::{ExitCode, Report};
use epycloud_stages::{StageRun, run_runner};

use super::runtime::{Ended, block_on, log_to_stderr};
use crate::error::CliError;

pub(crate) fn run() -> Result<ExitCode, Report> {
    let settings = RuntimeSettings::from_environment(&Environment::from_process())
        .map_err(|source| CliError::Settings { source })?;
    log_to_stderr(&settings, Some(Stage::Runner))?;
    let run = StageRun::from_runtime(&settings, Stage::Runner)?;
    let Some(index) = &settings.task_index else {
        return Err(CliError::NoTaskIndex.into());
    };
    match block_on(run_runner(&run, index.value))? {
        Ended::Itself(ran) => ran.map(|_| ExitCode::Done).map_err(Report::new),
        Ended::Stopped(code) => Ok(code),
    }
}
