//! `epycloud logs`: what the stages wrote, here or in the cloud.

pub(super) mod cloud;
mod local;

use epycloud_errors::{ExitCode, Report};

use crate::arguments::Logs;
use crate::cloud::Cloud;
use crate::error::CliError;
use crate::printer::Printer;

pub(crate) fn run(arguments: &Logs, printer: &Printer) -> Result<ExitCode, Report> {
    let is_of_the_cloud = arguments.job_name.is_some() || arguments.execution_id.is_some();
    if arguments.local {
        return local::run(arguments, printer);
    }
    match Cloud::configured(printer)? {
        Some(cloud) => cloud::run(arguments, &cloud, printer),
        None if is_of_the_cloud => Err(CliError::NoProject.into()),
        None => local::run(arguments, printer),
    }
}
