//! `epycloud worker`: serves tasks to the orchestrator that started it.

use epycloud_config::Stage;
use epycloud_errors::{ExitCode, Report};

use super::runtime::{log_to_stderr, settings_of_process};

pub(crate) fn run() -> Result<ExitCode, Report> {
    let settings = settings_of_process()?;
    log_to_stderr(&settings, Some(Stage::Runner))?;
    Ok(epycloud_stages::worker_main(&settings))
}
