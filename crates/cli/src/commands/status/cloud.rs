//! Active executions of the workflow, and active Batch jobs.

use std::io::IsTerminal as _;
use std::time::Duration;

use comfy_table::Cell;
use epycloud_errors::{Diagnose as _, ExitCode, Report};
use epycloud_google::batch::Job;
use epycloud_google::executions::{Execution, Executions, list};
use epycloud_google::{Client, GoogleError};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::Status;
use crate::cloud::narrow::{Names, Room};
use crate::cloud::{Cloud, in_a_line, jobs::jobs_of, show};
use crate::commands::executions::ExecutionEvent;
use crate::commands::runtime::{Ended, block_on};
use crate::printer::Printer;
use crate::summary::count;

/// What the table of executions needs for an experiment and a run side by side, in characters.
const FOR_TWO_NAMES: u16 = 110;
/// How often `--watch` looks if nothing else is asked for: each look is three requests or more.
const INTERVAL: Duration = Duration::from_secs(10);

pub(super) fn run(
    arguments: &Status,
    cloud: &Cloud,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let client = cloud.client()?;
    let shown = block_on(async {
        if arguments.watch {
            watch(arguments, cloud, &client, printer).await
        } else {
            Standing::read(arguments, cloud, &client)
                .await?
                .show(printer);
            Ok(ExitCode::Done)
        }
    })?;
    match shown {
        Ended::Itself(shown) => shown,
        // Ctrl-C is how watching ends.
        Ended::Stopped(ExitCode::Interrupted) if arguments.watch => Ok(ExitCode::Done),
        Ended::Stopped(code) => Ok(code),
    }
}

/// Shows it again and again. What is temporary is told and outlived.
async fn watch(
    arguments: &Status,
    cloud: &Cloud,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let interval = arguments.interval.map_or(INTERVAL, |interval| interval.0);
    let is_terminal = std::io::stdout().is_terminal() && !printer.json;
    loop {
        match Standing::read(arguments, cloud, client).await {
            Ok(standing) => {
                if is_terminal {
                    printer.clear_screen();
                }
                standing.show(printer);
                let now = show::time(Some(&Timestamp::now().to_string()));
                printer.say(&format!(
                    "as of {now}; again every {} s, Ctrl-C ends",
                    interval.as_secs_f64()
                ));
            }
            Err(error) if error.exit_code() == ExitCode::Temporary => {
                printer.warning(&in_a_line(&error));
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(interval).await;
    }
}

/// What there is to be shown.
struct Standing {
    executions: Vec<Execution>,
    jobs: Vec<Job>,
    recent_executions: Vec<Execution>,
    recent_jobs: Vec<Job>,
}

impl Standing {
    async fn read(arguments: &Status, cloud: &Cloud, client: &Client) -> Result<Self, GoogleError> {
        let mut standing = Self {
            executions: executions(
                arguments,
                cloud,
                client,
                &["state=\"ACTIVE\"", "state=\"QUEUED\""],
            )
            .await?,
            jobs: Vec::new(),
            recent_executions: Vec::new(),
            recent_jobs: Vec::new(),
        };
        let since = arguments.recent.map(|ago| ago.begin(Timestamp::now()));
        let which = &arguments.which;
        for job in jobs_of(which.exp_id.as_ref(), which.run_id.as_ref(), cloud, client).await? {
            if job.status.state.is_active() {
                standing.jobs.push(job);
            } else if is_after(job.update_time.as_deref(), since) {
                standing.recent_jobs.push(job);
            }
        }
        if let Some(since) = since {
            let ended = ["SUCCEEDED", "FAILED", "CANCELLED"]
                .map(|state| format!("state=\"{state}\" AND endTime>=\"{since}\""));
            let filters: Vec<&str> = ended.iter().map(String::as_str).collect();
            standing.recent_executions = executions(arguments, cloud, client, &filters).await?;
        }
        Ok(standing)
    }

    fn show(&self, printer: &Printer) {
        if printer.json {
            for execution in self.executions.iter().chain(&self.recent_executions) {
                printer.event(&ExecutionEvent::of(execution));
            }
            for job in self.jobs.iter().chain(&self.recent_jobs) {
                printer.event(&JobEvent::of(job));
            }
            return;
        }
        for (title, executions) in [
            ("Active workflows", &self.executions),
            ("Workflows that ended lately", &self.recent_executions),
        ] {
            if !executions.is_empty() {
                printer.heading(title);
                printer.data(&execution_table(executions));
            }
        }
        for (title, jobs) in [
            ("Active Batch jobs", &self.jobs),
            ("Batch jobs that ended lately", &self.recent_jobs),
        ] {
            if !jobs.is_empty() {
                printer.heading(title);
                printer.data(&job_table(jobs));
            }
        }
        let executions = count(self.executions.len(), "workflow");
        let jobs = count(self.jobs.len(), "Batch job");
        printer.say(&format!("active: {executions}, {jobs}"));
    }
}

fn is_after(time: Option<&str>, since: Option<Timestamp>) -> bool {
    let time = time.and_then(|time| time.parse::<Timestamp>().ok());
    since.zip(time).is_some_and(|(since, time)| time >= since)
}

/// Executions that any of the filters leaves, sorted by experiment.
async fn executions(
    arguments: &Status,
    cloud: &Cloud,
    client: &Client,
    filters: &[&str],
) -> Result<Vec<Execution>, GoogleError> {
    let which = &arguments.which;
    let is_wanted = |execution: &Execution| {
        let is = |name, wanted: Option<&str>| {
            wanted.is_none() || execution.argument_text(name).as_deref() == wanted
        };
        is("exp_id", which.exp_id.as_ref().map(AsRef::as_ref))
            && is("runId", which.run_id.as_ref().map(AsRef::as_ref))
    };
    let mut found = Vec::new();
    for filter in filters {
        let request = list(&cloud.workflow(), Some(filter));
        found.extend(
            client
                .list_some::<Executions>(&request, is_wanted, usize::MAX)
                .await?,
        );
    }
    found.sort_by_cached_key(|execution| execution.argument_text("exp_id"));
    Ok(found)
}

fn execution_table(executions: &[Execution]) -> String {
    let room = Room::of_terminal();
    let names = Names::with(room, FOR_TWO_NAMES);
    let columns = [names.columns(), &["execution", "status", "time"]].concat();
    let mut table = show::table(&columns);
    for execution in executions {
        let time = show::duration(execution.began(), execution.end_time.as_deref());
        let mut row: Vec<Cell> = names
            .of_execution(execution)
            .into_iter()
            .map(Cell::new)
            .collect();
        row.extend([
            Cell::new(room.id(execution)),
            show::state_cell(execution.state.as_str()),
            Cell::new(time.map(show::span).unwrap_or_default()),
        ]);
        table.add_row(row);
    }
    for column in names.columns().len()..columns.len() {
        show::keep_whole(&mut table, column);
    }
    table.to_string()
}

fn job_table(jobs: &[Job]) -> String {
    let mut table = show::table(&[
        "experiment",
        "job",
        "stage",
        "image",
        "status",
        "tasks done",
        "failed",
    ]);
    for job in jobs {
        let counts = job.counts();
        table.add_row([
            Cell::new(job.experiment().unwrap_or("-")),
            Cell::new(job.id()),
            Cell::new(job.stage().unwrap_or("-")),
            Cell::new(job.image_tag().unwrap_or_else(|| "-".into())),
            show::state_cell(job.status.state.as_str()),
            Cell::new(format!(
                "{}/{}",
                counts.succeeded + counts.failed,
                counts.all
            )),
            Cell::new(counts.failed),
        ]);
    }
    show::keep_whole(&mut table, 1);
    table.to_string()
}

/// A job for scripts.
#[derive(Serialize)]
struct JobEvent<'a> {
    event: &'static str,
    job: &'a str,
    status: &'a str,
    exp_id: Option<&'a str>,
    run_id: Option<&'a str>,
    stage: Option<&'a str>,
    image: Option<String>,
    tasks: u64,
    done: u64,
    failed: u64,
}

impl<'a> JobEvent<'a> {
    fn of(job: &'a Job) -> Self {
        let counts = job.counts();
        Self {
            event: "job",
            job: job.id(),
            status: job.status.state.as_str(),
            exp_id: job.experiment(),
            run_id: job.run(),
            stage: job.stage(),
            image: job.image_tag(),
            tasks: counts.all,
            done: counts.succeeded + counts.failed,
            failed: counts.failed,
        }
    }
}
