//! Waiting for the end of what was submitted. A failure to ask, as long as it is temporary, is no
//! reason to give up: the run doesn't notice.

use epycloud_errors::{Diagnose as _, ExitCode, Report};
use epycloud_google::batch::{
    Job, JobState, Jobs, Task, TaskState, Tasks, get_job, list_jobs, list_tasks, with_labels,
};
use epycloud_google::executions::{self, Execution, ExecutionState};
use epycloud_google::{Client, GoogleError, label_value};
use serde::Serialize;
use serde_json::Value;

use super::log::RunLog;
use crate::cloud::narrow::short;
use crate::cloud::watch::LiveLine;
use crate::cloud::{Cloud, in_a_line, show};
use crate::printer::Printer;
use crate::values::Seconds;

/// Failed tasks that are told.
const SHOWN_TASKS: usize = 8;

#[derive(Serialize)]
struct Standing<'a> {
    event: &'static str,
    id: &'a str,
    status: &'a str,
    stage: Option<&'a str>,
    tasks: u64,
    done: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Over<'a> {
    event: &'static str,
    id: &'a str,
    status: &'a str,
    exit_code: u8,
}

/// Waits for an execution of the workflow.
pub(super) async fn for_execution(
    cloud: &Cloud,
    client: &Client,
    begun: &Execution,
    poll: Seconds,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let mut line = LiveLine::new(printer);
    let mut log = RunLog::of_execution(begun.id(), cloud, printer);
    loop {
        match client
            .send::<Execution>(&executions::get(&begun.name))
            .await
        {
            Ok(execution) if execution.state.is_active() => {
                let job = current_job(cloud, client, &execution).await;
                line.show(&standing(
                    execution.id(),
                    execution.state.as_str(),
                    job.as_ref(),
                    printer,
                ));
            }
            Ok(execution) => {
                log.show(client, &line).await;
                line.clear();
                return Ok(end_of_execution(&execution, printer));
            }
            Err(error) => line.survive(error)?,
        }
        log.show(client, &line).await;
        tokio::time::sleep(poll.0).await;
    }
}

/// Waits for a job.
pub(super) async fn for_job(
    cloud: &Cloud,
    client: &Client,
    name: &str,
    poll: Seconds,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let mut line = LiveLine::new(printer);
    let id = name.rsplit('/').next().unwrap_or(name);
    let mut log = RunLog::of_job(id, cloud, printer);
    loop {
        match client.send::<Job>(&get_job(name)).await {
            Ok(job) if has_ended(&job.status.state) => {
                log.show(client, &line).await;
                line.clear();
                return Ok(end_of_job(&job, client, printer).await);
            }
            Ok(job) => line.show(&standing(
                job.id(),
                job.status.state.as_str(),
                Some(&job),
                printer,
            )),
            Err(error) => line.survive(error)?,
        }
        log.show(client, &line).await;
        tokio::time::sleep(poll.0).await;
    }
}

/// The job that an execution is at, for people to see; that it can't be had harms nobody.
async fn current_job(cloud: &Cloud, client: &Client, execution: &Execution) -> Option<Job> {
    let run_id = execution.argument_text("runId")?;
    let exp_id = execution.argument_text("exp_id");
    let filter = with_labels(&[("run_id", &label_value(&run_id))]);
    let is_it = |job: &Job| {
        job.variable("RUN_ID") == Some(run_id.as_str())
            && job.variable("EXP_ID").map(str::to_owned) == exp_id
    };
    let request = list_jobs(&cloud.place, Some(&filter));
    let found = client.list_some::<Jobs>(&request, is_it, 1).await.ok()?;
    found.into_iter().next()
}

/// How it stands in a line; as an event too with `--json`.
fn standing(id: &str, status: &str, job: Option<&Job>, printer: &Printer) -> String {
    let counts = job.map(Job::counts).unwrap_or_default();
    let stage = job.and_then(Job::stage);
    let done = counts.succeeded + counts.failed;
    if printer.json {
        printer.event(&Standing {
            event: "standing",
            id,
            status,
            stage,
            tasks: counts.all,
            done,
            failed: counts.failed,
        });
    }
    let mut line = format!("{}: {status}", short(id));
    if let (Some(stage), Some(job)) = (stage, job) {
        let state = &job.status.state;
        line.push_str(&format!(
            ", {stage} {state}, {done}/{} tasks done",
            counts.all
        ));
    }
    if counts.failed > 0 {
        line.push_str(&format!(", {} failed", counts.failed));
    }
    line
}

fn end_of_execution(execution: &Execution, printer: &Printer) -> ExitCode {
    let result = execution.results();
    let failed = failed_tasks(result.as_ref());
    // Stage C may have missed a result that stage B has stored.
    let is_partial = failed > 0 || result.is_some_and(|result| result["partial"] == true);
    let code = match execution.state {
        ExecutionState::Succeeded if is_partial => ExitCode::Partial,
        ExecutionState::Succeeded => ExitCode::Done,
        _ => ExitCode::Failed,
    };
    if failed > 0 {
        printer.warning(&format!("{failed} tasks have no result"));
    }
    if let Some(error) = &execution.error {
        let cause = if error.context.is_empty() {
            &error.payload
        } else {
            &error.context
        };
        printer.warning(&show::one_line(cause));
    }
    let took = show::duration(execution.began(), execution.end_time.as_deref());
    if let Some(took) = took {
        printer.say(&format!("it took {}", show::span(took)));
    }
    over(execution.id(), execution.state.as_str(), code, printer)
}

/// How many tasks an execution's result lists as failed.
fn failed_tasks(result: Option<&Value>) -> usize {
    let failed = result.map(|result| &result["failedTasks"]);
    match failed {
        Some(Value::Array(tasks)) => tasks.len(),
        Some(Value::Number(n)) => {
            usize::try_from(n.as_u64().unwrap_or_default()).unwrap_or(usize::MAX)
        }
        _ => 0,
    }
}

fn has_ended(state: &JobState) -> bool {
    *state == JobState::Succeeded || state.is_failure()
}

async fn end_of_job(job: &Job, client: &Client, printer: &Printer) -> ExitCode {
    let state = job.status.state.as_str();
    if job.status.state == JobState::Succeeded {
        return over(job.id(), state, ExitCode::Done, printer);
    }
    let is_failed = |task: &Task| task.status.state == TaskState::Failed;
    let request = list_tasks(&job.name);
    let listed = client.list_some::<Tasks>(&request, is_failed, SHOWN_TASKS);
    let tasks = match listed.await {
        Ok(tasks) => tasks,
        Err(error) => {
            printer.warning(&in_a_line(&error));
            Vec::new()
        }
    };
    for task in &tasks {
        let code = task
            .exit_code()
            .map_or_else(|| "?".into(), |code| code.to_string());
        printer.warning(&format!(
            "task {} ended with exit code {code}",
            task.index().unwrap_or_default()
        ));
    }
    if let Some(event) = job.last_event() {
        printer.warning(&show::one_line(&event.description));
    }
    // What the stage's program ended with is what this command ends with.
    let code = tasks
        .iter()
        .find_map(Task::exit_code)
        .and_then(ExitCode::from_code)
        .filter(|code| *code != ExitCode::Done)
        .unwrap_or(ExitCode::Failed);
    over(job.id(), state, code, printer)
}

fn over(id: &str, status: &str, code: ExitCode, printer: &Printer) -> ExitCode {
    if printer.json {
        printer.event(&Over {
            event: "ended",
            id,
            status,
            exit_code: code.code(),
        });
    }
    printer.say(&format!("{id}: {}", show::state(status)));
    code
}

impl LiveLine<'_> {
    /// Goes on after a failure that may pass.
    fn survive(&mut self, error: GoogleError) -> Result<(), Report> {
        if error.exit_code() != ExitCode::Temporary {
            return Err(error.into());
        }
        self.warn(&in_a_line(&error));
        Ok(())
    }
}
