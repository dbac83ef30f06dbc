//! `epycloud workflow cancel`: an execution and what it has started, or a run's jobs.

use epycloud_errors::{Diagnose as _, ExitCode, Report};
use epycloud_google::batch::{Job, Jobs, delete_job, list_jobs, with_labels};
use epycloud_google::executions::{Execution, cancel, get};
use epycloud_google::{Client, GoogleError, label_value};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::CancelExecution;
use crate::cloud::jobs::is_of;
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
    let Some(execution) = &arguments.execution else {
        return cancel_run(&Run::asked(arguments), cloud, client, printer).await;
    };
    let execution = super::read(execution, cloud, client).await?;
    let run = Run::of(&execution);
    let jobs = if arguments.only_workflow {
        Vec::new()
    } else {
        run.active_jobs(cloud, client).await?
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
        run.active_jobs(cloud, client).await?
    };
    for job in &jobs {
        worst = worse(worst, stop_job(job, client, printer).await);
    }
    Ok(worst)
}

/// Deletes the jobs of a run that no execution stands for.
async fn cancel_run(
    run: &Run,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let jobs = run.active_jobs(cloud, client).await?;
    if jobs.is_empty() {
        printer.say("the run has no job that may still run");
    }
    let mut worst = ExitCode::Done;
    for job in &jobs {
        if printer.dry_run {
            plan_job(job, printer);
        } else {
            worst = worse(worst, stop_job(job, client, printer).await);
        }
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
        plan_job(job, printer);
    }
}

fn plan_job(job: &Job, printer: &Printer) {
    printer.say(&format!("would delete job {}", job.id()));
}

/// A run whose jobs are looked for, as far as it is known.
struct Run {
    run_id: Option<String>,
    exp_id: Option<String>,
    /// How its execution's ID begins.
    digits: String,
}

impl Run {
    fn of(execution: &Execution) -> Self {
        Self {
            run_id: execution.argument_text("runId"),
            exp_id: execution.argument_text("exp_id"),
            digits: execution.id().get(..8).unwrap_or_default().to_owned(),
        }
    }

    fn asked(arguments: &CancelExecution) -> Self {
        Self {
            run_id: arguments.run_id.as_ref().map(ToString::to_string),
            exp_id: arguments.exp_id.as_ref().map(ToString::to_string),
            digits: String::new(),
        }
    }

    /// The jobs that may still do something. They are found by the run's label; an execution without
    /// a run ID (the original's) calls its jobs after itself.
    async fn active_jobs(&self, cloud: &Cloud, client: &Client) -> Result<Vec<Job>, GoogleError> {
        let label = self.run_id.as_deref().map(label_value);
        let filter = label
            .as_deref()
            .map(|label| with_labels(&[("run_id", label)]));
        let is_wanted = |job: &Job| job.status.state.is_active() && self.has(job);
        let request = list_jobs(&cloud.place, filter.as_deref());
        client
            .list_some::<Jobs>(&request, is_wanted, usize::MAX)
            .await
    }

    /// Whether a job is its own.
    fn has(&self, job: &Job) -> bool {
        match &self.run_id {
            Some(run_id) => is_of(job, self.exp_id.as_deref(), Some(run_id)),
            None => {
                !self.digits.is_empty()
                    && ["a", "b", "c"].iter().any(|stage| {
                        job.id()
                            .starts_with(&format!("stage-{stage}-{}", self.digits))
                    })
            }
        }
    }
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
