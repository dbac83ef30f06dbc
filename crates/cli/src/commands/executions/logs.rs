//! `epycloud workflow logs`.

use epycloud_errors::{ExitCode, Report};
use epycloud_google::Client;
use epycloud_google::logging::workflow_filter;
use epycloud_google::pipeline::WORKFLOW;

use crate::arguments::ExecutionLogs;
use crate::cloud::Cloud;
use crate::commands::logs::cloud::{Log, severity};
use crate::printer::Printer;

pub(super) async fn run(
    arguments: &ExecutionLogs,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let level = arguments.level.map(severity);
    let execution = super::find(&arguments.which.execution, cloud, client).await?;
    let log = Log {
        project: cloud.place.project.clone(),
        filter: workflow_filter(&cloud.place, WORKFLOW, &execution, level.as_ref()),
        tail: arguments.tail,
        follow: arguments.follow.then_some(arguments.interval),
    };
    log.show(client, printer).await
}
