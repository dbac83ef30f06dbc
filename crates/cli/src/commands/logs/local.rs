//! The log of runs on this machine.

use epycloud_errors::{ExitCode, Report};

use crate::arguments::Logs;
use crate::error::CliError;
use crate::printer::Printer;

pub(super) fn run(_: &Logs, _: &Printer) -> Result<ExitCode, Report> {
    Err(CliError::LocalLogs.into())
}
