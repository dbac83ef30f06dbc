//! `epycloud workflow cancel`: an execution, and what it has started.

use epycloud_errors::{Diagnose as _, ExitCode, Report};
use epycloud_google::batch::{Job, Jobs, delete_job, list_jobs, with_labels};
use epycloud_google::executions::{Execution, cancel, get};
use epycloud_google::{Client, GoogleError, label_value};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::CancelExecution;
use crate::cloud::{Cloud, in_a_line, request_id};
use crate::printer::Printer;

/// Why a job was deleted, for its record.
const REASON: &str = "epycloud workflow cancel";

pub(super) async fn run(
    arguments: &CancelExecution,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let execution = super::read(&arguments.which.execution, cloud, client).await?;
    let jobs = if arguments.only_workflow {
        Vec::new()
    } else {
        active_jobs(&execution, cloud, client).await?
    };
    if printer.dry_run {
        plan(&execution, &jobs, printer);
        return Ok(ExitCode::Done);
    }
    // The workflow first, so that it doesn't start another job meanwhile.
    let mut worst = stop_execution(&execution, client, printer).await;
    // It may have started one since the first look.
    let jobs = if arguments.only_workflow {
        jobs
    } else {
        active_jobs(&execution, cloud, client).await?
    };
    for job in &jobs {
        worst = worse(worst, stop_job(job, client, printer).await);
    }
    Ok(worst)
}

fn plan(execution: &Execution, jobs: &[Job], printer: &Printer) {
    let id = execution.id();
    if execution.state.is_active() {
        printer.say(&format!("would cancel execution {id}"));
    } else {
        let state = &execution.state;
        printer.say(&format!("execution {id} is {state} already"));
    }
    for job in jobs {
        printer.say(&format!("would delete job {}", job.id()));
    }
}

/// The jobs of an execution's run that may still do something. They are found by the run's label;
/// an execution without a run ID (the original's) calls its jobs after itself.
async fn active_jobs(
    execution: &Execution,
    cloud: &Cloud,
    client: &Client,
) -> Result<Vec<Job>, GoogleError> {
    let text = |name| execution.argument_text(name);
    let (run_id, exp_id) = (text("runId"), text("exp_id"));
    let label = run_id.as_deref().map(label_value);
    let filter = label
        .as_deref()
        .map(|label| with_labels(&[("run_id", label)]));
    let digits = execution.id().get(..8).unwrap_or_default().to_owned();
    // A label may be cut, and two experiments may have runs of one name.
    let is_of_run = |job: &Job| match &run_id {
        Some(run_id) => {
            let is_same = |one: Option<&str>, other: &Option<String>| {
                one.is_none() || other.is_none() || one == other.as_deref()
            };
            job.variable("RUN_ID").is_none_or(|known| known == run_id)
                && is_same(job.variable("EXP_ID"), &exp_id)
        }
        None => {
            !digits.is_empty()
                && ["a", "b", "c"]
                    .iter()
                    .any(|stage| job.id().starts_with(&format!("stage-{stage}-{digits}")))
        }
    };
    let is_wanted = |job: &Job| job.status.state.is_active() && is_of_run(job);
    let request = list_jobs(&cloud.place, filter.as_deref());
    client
        .list_some::<Jobs>(&request, is_wanted, usize::MAX)
        .await
}

async fn stop_execution(execution: &Execution, client: &Client, printer: &Printer) -> ExitCode {
    let id = execution.id();
    let answer = client.send::<Execution>(&cancel(&execution.name)).await;
    match answer {
        Ok(after) => {
            let state = after.state.to_string();
            tell(
                printer,
                "execution",
                id,
                "cancelled",
                &format!("execution {id}: {state}"),
            );
            ExitCode::Done
        }
        // Cancelling what has ended is refused; it is as the user wants it.
        Err(error @ (GoogleError::Refused { .. } | GoogleError::Conflict { .. })) => {
            match client.send::<Execution>(&get(&execution.name)).await {
                Ok(now) if !now.state.is_active() => {
                    let text = format!("execution {id} had ended already: {}", now.state);
                    tell(printer, "execution", id, "ended already", &text);
                    ExitCode::Done
                }
                _ => failed(printer, "execution", id, &error),
            }
        }
        Err(error) => failed(printer, "execution", id, &error),
    }
}

async fn stop_job(job: &Job, client: &Client, printer: &Printer) -> ExitCode {
    let id = job.id();
    let request = delete_job(&job.name, &request_id(), REASON);
    match client.send::<Value>(&request).await {
        Ok(_) => {
            tell(
                printer,
                "job",
                id,
                "deleted",
                &format!("job {id}: being deleted"),
            );
            ExitCode::Done
        }
        Err(GoogleError::NotFound { .. }) => {
            tell(
                printer,
                "job",
                id,
                "gone already",
                &format!("job {id} was gone already"),
            );
            ExitCode::Done
        }
        Err(error) => failed(printer, "job", id, &error),
    }
}

/// What came of one of the things that were to be stopped.
#[derive(Serialize)]
struct Stopped<'a> {
    event: &'static str,
    kind: &'static str,
    id: &'a str,
    outcome: &'a str,
}

fn tell(printer: &Printer, kind: &'static str, id: &str, outcome: &str, text: &str) {
    if printer.json {
        printer.event(&Stopped {
            event: "stopped",
            kind,
            id,
            outcome,
        });
    }
    printer.say(text);
}

/// The others are to be stopped all the same.
fn failed(printer: &Printer, kind: &'static str, id: &str, error: &GoogleError) -> ExitCode {
    if printer.json {
        printer.event(&Stopped {
            event: "stopped",
            kind,
            id,
            outcome: "failed",
        });
    }
    printer.warning(&format!("{kind} {id} may still run: {}", in_a_line(error)));
    error.exit_code()
}

/// What can't be mended by itself outweighs what can.
fn worse(one: ExitCode, other: ExitCode) -> ExitCode {
    match (one, other) {
        (ExitCode::Done, code) | (code, ExitCode::Done) => code,
        (ExitCode::Temporary, code) | (code, ExitCode::Temporary) => code,
        (code, _) => code,
    }
}
