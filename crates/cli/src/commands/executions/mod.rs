//! `epycloud workflow`: executions of the workflow that runs all stages in the cloud.

mod cancel;
mod describe;
mod list;
mod logs;
mod retry;

use epycloud_errors::{ExitCode, Report};
use epycloud_google::{Client, GoogleError};

pub(crate) use list::ExecutionEvent;

use super::runtime::{Ended, block_on};
use crate::arguments::Executions;
use crate::cloud::Cloud;
use crate::context::Context;

pub(crate) fn run(command: &Executions, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let cloud = Cloud::required(context)?;
    let client = cloud.client()?;
    let done = block_on(async {
        match command {
            Executions::List(arguments) => list::run(arguments, &cloud, &client, printer).await,
            Executions::Describe(which) => describe::run(which, &cloud, &client, printer).await,
            Executions::Logs(arguments) => logs::run(arguments, &cloud, &client, printer).await,
            Executions::Cancel(arguments) => cancel::run(arguments, &cloud, &client, printer).await,
            Executions::Retry(arguments) => retry::run(arguments, &cloud, &client, printer).await,
        }
    })?;
    match done {
        Ended::Itself(done) => done,
        // Ctrl-C is how following ends.
        Ended::Stopped(ExitCode::Interrupted) if is_following(command) => Ok(ExitCode::Done),
        Ended::Stopped(code) => Ok(code),
    }
}

fn is_following(command: &Executions) -> bool {
    matches!(command, Executions::Logs(arguments) if arguments.follow)
}

/// An execution, whole.
async fn read(
    client: &Client,
    name: &str,
) -> Result<epycloud_google::executions::Execution, GoogleError> {
    client.send(&epycloud_google::executions::get(name)).await
}
