//! `epycloud status`: how runs stand, here or in the cloud.

mod cloud;
mod local;

use epycloud_errors::{ExitCode, Report};

use crate::arguments::Status;
use crate::cloud::Cloud;
use crate::context::Context;

/// Runs on this machine are meant where no project is configured; where one is, a cloud that can't
/// be asked is an error, never an empty list.
pub(crate) fn run(arguments: &Status, context: &Context) -> Result<ExitCode, Report> {
    if arguments.local {
        return local::run(arguments, context);
    }
    match Cloud::configured(context)? {
        Some(cloud) => cloud::run(arguments, &cloud, &context.printer),
        None => local::run(arguments, context),
    }
}
