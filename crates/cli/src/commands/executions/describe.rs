//! `epycloud workflow describe`.

use epycloud_errors::{ExitCode, Report};
use epycloud_google::Client;
use epycloud_google::executions::Execution;
use serde::Serialize;
use serde_json::Value;

use super::list::ExecutionEvent;
use crate::arguments::OneExecution;
use crate::cloud::{Cloud, show};
use crate::printer::Printer;

pub(super) async fn run(
    which: &OneExecution,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let execution = super::read(&which.execution, cloud, client).await?;
    if printer.json {
        printer.event(&Described::of(&execution));
    } else {
        printer.data(&text(&execution));
    }
    Ok(ExitCode::Done)
}

/// All of an execution for scripts.
#[derive(Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    execution: ExecutionEvent<'a>,
    revision: &'a str,
    arguments: Option<Value>,
    result: Option<Value>,
    error: Option<&'a str>,
    steps: Vec<String>,
}

impl<'a> Described<'a> {
    fn of(execution: &'a Execution) -> Self {
        Self {
            execution: ExecutionEvent::of(execution),
            revision: &execution.workflow_revision_id,
            arguments: execution.arguments(),
            result: execution.results(),
            error: execution.error.as_ref().map(|error| error.context.as_str()),
            steps: steps(execution),
        }
    }
}

fn steps(execution: &Execution) -> Vec<String> {
    let steps = execution.status.current_steps.iter();
    steps
        .map(|step| format!("{}.{}", step.routine, step.step))
        .collect()
}

fn text(execution: &Execution) -> String {
    let mut lines = Vec::new();
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{name:12} {value}"));
        }
    };
    let argument = |name| execution.argument_text(name).unwrap_or_default();
    row("execution", execution.id().to_owned());
    row("status", show::state(execution.state.as_str()));
    row("experiment", argument("exp_id"));
    row("run", argument("runId"));
    row("began", show::time(execution.began()));
    if execution.end_time.is_some() {
        row("ended", show::time(execution.end_time.as_deref()));
    }
    let took = show::duration(execution.began(), execution.end_time.as_deref());
    row("time", took.map(show::span).unwrap_or_default());
    row("revision", execution.workflow_revision_id.clone());
    row("profile", argument("profile"));
    row("bill", argument("billingProject"));
    row("at", steps(execution).join(" > "));
    let mut section = |name: &str, value: Option<Value>, otherwise: Option<&String>| {
        let shown = match (value, otherwise) {
            (Some(value), _) => format!("{value:#}"),
            (None, Some(text)) => show::one_line(text),
            (None, None) => return,
        };
        lines.push(format!("\n{name}\n{shown}"));
    };
    section(
        "arguments",
        execution.arguments(),
        execution.argument.as_ref(),
    );
    section("result", execution.results(), execution.result.as_ref());
    if let Some(error) = &execution.error {
        let payload = serde_json::from_str(&error.payload).ok();
        section("error", payload, Some(&error.payload));
        let context: Vec<String> = error.context.lines().map(show::one_line).collect();
        lines.push(context.join("\n"));
    }
    lines.join("\n")
}
