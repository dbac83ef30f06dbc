//! The log of runs on this machine.

use epycloud_errors::{ExitCode, Report};

use crate::arguments::Logs;
use crate::context::Context;
use crate::error::CliError;

pub(super) fn run(_: &Logs, _: &Context) -> Result<ExitCode, Report> {
    Err(CliError::LocalLogs.into())
}
