//! `epycloud logs`: what the stages wrote, here or in the cloud.

pub(super) mod cloud;
mod local;

use epycloud_errors::{ExitCode, Report};

use crate::arguments::Logs;
use crate::cloud::Cloud;
use crate::context::Context;
use crate::error::CliError;

pub(crate) fn run(arguments: &Logs, context: &Context) -> Result<ExitCode, Report> {
    let is_of_the_cloud = arguments.job_name.is_some() || arguments.execution_id.is_some();
    if arguments.local {
        return local::run(arguments, context);
    }
    match Cloud::configured(context)? {
        Some(cloud) => cloud::run(arguments, &cloud, &context.printer),
        None if is_of_the_cloud => Err(CliError::NoProject.into()),
        None => local::run(arguments, context),
    }
}
