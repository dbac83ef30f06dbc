//! `epycloud workflow retry`.

use epycloud_errors::{ExitCode, Report};
use epycloud_google::Client;
use epycloud_google::executions::{self, Execution};
use serde_json::Value;

use super::list::ExecutionEvent;
use crate::arguments::RetryExecution;
use crate::cloud::{Cloud, confirm};
use crate::error::CliError;
use crate::printer::Printer;

pub(super) async fn run(
    arguments: &RetryExecution,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let earlier = super::read(&arguments.which.execution, cloud, client).await?;
    let argument = argument(&earlier)?;
    if earlier.state.is_active() {
        return Err(CliError::StillActive {
            execution: earlier.id().to_owned(),
        }
        .into());
    }
    plan(&earlier, &argument, printer);
    if printer.dry_run {
        return Ok(ExitCode::Done);
    }
    if !confirm::asked(arguments.yes, printer)? {
        return Ok(ExitCode::Done);
    }
    // Its argument isn't unlike any other, so a lost answer can't be told from the execution that
    // is repeated: this is asked once.
    let request = executions::create(&cloud.workflow(), &argument, &earlier.labels);
    let begun = client.send::<Execution>(&request).await?;
    if printer.json {
        printer.event(&ExecutionEvent::of(&begun));
    } else {
        printer.data(begun.id());
    }
    printer.say(&format!(
        "`epycloud workflow describe {}` shows it",
        begun.id()
    ));
    Ok(ExitCode::Done)
}

fn argument(execution: &Execution) -> Result<Value, CliError> {
    execution.arguments().ok_or_else(|| CliError::NoArguments {
        execution: execution.id().to_owned(),
    })
}

fn plan(earlier: &Execution, argument: &Value, printer: &Printer) {
    let verb = if printer.dry_run {
        "Would start"
    } else {
        "Starting"
    };
    printer.heading(&format!(
        "{verb} execution {} again, which is {}",
        earlier.id(),
        earlier.state
    ));
    printer.say(&format!("{argument:#}"));
}
