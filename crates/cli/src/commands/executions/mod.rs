//! `epycloud workflow`: executions of the workflow that runs all stages in the cloud.

mod cancel;
mod describe;
mod list;
mod logs;
mod retry;

use epycloud_errors::{ExitCode, Report};
use epycloud_google::executions::{self, Execution, Executions as Page};
use epycloud_google::{Client, GoogleError};

pub(crate) use list::ExecutionEvent;

use super::runtime::{Ended, block_on};
use crate::arguments::Executions;
use crate::cloud::Cloud;
use crate::cloud::narrow::SHORT;
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

/// An execution, whole, by its ID or the first digits of it.
async fn read(id: &str, cloud: &Cloud, client: &Client) -> Result<Execution, GoogleError> {
    let name = find(id, cloud, client).await?;
    client.send(&executions::get(&name)).await
}

/// The resource name of an execution by its ID, or by the first digits of it, as narrow tables and
/// the names of jobs have them.
async fn find(id: &str, cloud: &Cloud, client: &Client) -> Result<String, GoogleError> {
    if id.len() != SHORT {
        return Ok(cloud.execution(id));
    }
    let request = executions::list(&cloud.workflow(), None);
    let is_it = |execution: &Execution| execution.id().starts_with(id);
    let found = client.list_some::<Page>(&request, is_it, 1).await?;
    Ok(found
        .into_iter()
        .next()
        .map_or_else(|| cloud.execution(id), |execution| execution.name))
}
