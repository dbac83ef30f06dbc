//! `epycloud workflow list`.

use comfy_table::Cell;
use epycloud_errors::{ExitCode, Report};
use epycloud_google::Client;
use epycloud_google::executions::{Execution, Executions, list};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{ExecutionStatus, ListExecutions};
use crate::cloud::narrow::{Names, Room};
use crate::cloud::{Cloud, show};
use crate::printer::Printer;

/// What the table needs for an experiment and a run side by side, in characters.
const FOR_TWO_NAMES: u16 = 135;

pub(super) async fn run(
    arguments: &ListExecutions,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let request = list(&cloud.workflow(), filter(arguments).as_deref());
    // The service can't look into arguments, so what it lists is filtered here, page by page,
    // until there are as many as are asked for.
    let is_wanted = |execution: &Execution| match &arguments.exp_id {
        Some(exp_id) => execution.argument_text("exp_id").as_deref() == Some(exp_id.as_str()),
        None => true,
    };
    let most = arguments.limit as usize;
    let found = client
        .list_some::<Executions>(&request, is_wanted, most)
        .await?;
    show(&found, printer);
    Ok(ExitCode::Done)
}

/// What the service itself can tell apart.
fn filter(arguments: &ListExecutions) -> Option<String> {
    let status = arguments.status.map(|status| {
        let state = match status {
            ExecutionStatus::Active => "ACTIVE",
            ExecutionStatus::Succeeded => "SUCCEEDED",
            ExecutionStatus::Failed => "FAILED",
            ExecutionStatus::Cancelled => "CANCELLED",
            ExecutionStatus::Queued => "QUEUED",
        };
        format!("state=\"{state}\"")
    });
    let since = arguments
        .since
        .map(|ago| format!("startTime>=\"{}\"", ago.begin(Timestamp::now())));
    let parts: Vec<String> = status.into_iter().chain(since).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

fn show(found: &[Execution], printer: &Printer) {
    if printer.json {
        for execution in found {
            printer.event(&ExecutionEvent::of(execution));
        }
        return;
    }
    if found.is_empty() {
        printer.say("no executions");
        return;
    }
    let room = Room::of_terminal();
    let names = Names::with(room, FOR_TWO_NAMES);
    let columns = [&["execution", "status", "began"], names.columns()].concat();
    let mut table = show::table(&columns);
    for execution in found {
        let mut row = vec![
            Cell::new(room.id(execution)),
            show::state_cell(execution.state.as_str()),
            Cell::new(show::time(execution.began())),
        ];
        row.extend(names.of_execution(execution).into_iter().map(Cell::new));
        table.add_row(row);
    }
    for column in 0..3 {
        show::keep_whole(&mut table, column);
    }
    printer.data(&table.to_string());
}

/// An execution for scripts.
#[derive(Serialize)]
pub(crate) struct ExecutionEvent<'a> {
    event: &'static str,
    execution: &'a str,
    status: &'a str,
    exp_id: Option<String>,
    run_id: Option<String>,
    began: Option<&'a str>,
    ended: Option<&'a str>,
}

impl<'a> ExecutionEvent<'a> {
    pub(crate) fn of(execution: &'a Execution) -> Self {
        Self {
            event: "execution",
            execution: execution.id(),
            status: execution.state.as_str(),
            exp_id: execution.argument_text("exp_id"),
            run_id: execution.argument_text("runId"),
            began: execution.began(),
            ended: execution.end_time.as_deref(),
        }
    }
}
