//! How runs on this machine stand, as their records say, wherever they were started.

use std::io::IsTerminal as _;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use epycloud_config::Environment;
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::record::{
    ProgressRecord, RunRecord, RunStatus, RunStore, StoredSession,
};
use serde::Serialize;

use crate::arguments::Status;
use crate::cloud::show;
use crate::commands::runs::{self, Place};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::printer::Printer;
use crate::settings::Bucket;

/// Runs that the table lists.
const LISTED: usize = 20;
/// How often `--watch` looks if nothing else is asked for.
const INTERVAL: Duration = Duration::from_secs(1);

pub(super) fn run(arguments: &Status, context: &Context) -> Result<ExitCode, Report> {
    let environment = context.stage_environment()?;
    match block_on(show(arguments, &environment, &context.printer))? {
        Ended::Itself(shown) => shown,
        Ended::Stopped(code) => Ok(code),
    }
}

async fn show(
    arguments: &Status,
    environment: &Environment,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    if arguments.watch {
        watch(arguments, environment, printer).await
    } else if arguments.which.run_id.is_some() {
        let place = runs::find(&arguments.which, environment).await?;
        let standing = Standing::read(&place).await?;
        standing.show(printer);
        Ok(ExitCode::Done)
    } else {
        list(arguments, environment, printer).await
    }
}

/// How a run stands.
struct Standing {
    record: RunRecord,
    session: Option<StoredSession>,
}

impl Standing {
    async fn read(place: &Place) -> Result<Self, Report> {
        let store = RunStore::new(place.storage.clone(), place.layout.clone());
        let record = store.run().await?;
        let session = store.sessions().await?.pop();
        Ok(Self {
            record: record.unwrap_or_else(|| place.found.record.clone()),
            session,
        })
    }

    fn is_at_work(&self) -> bool {
        self.session.as_ref().is_some_and(StoredSession::is_at_work)
    }

    /// The status in a word; a run that says it is running and that nobody is at work on was
    /// killed.
    fn word(&self) -> &'static str {
        match self.record.status {
            RunStatus::Running if !self.is_at_work() => "killed",
            status => status.as_str(),
        }
    }

    /// Tasks that are done, and how many there are.
    fn counts(&self) -> (u32, u32) {
        let live = self
            .session
            .as_ref()
            .and_then(|session| session.progress.as_ref());
        match (&self.record.tasks, live) {
            (_, Some(progress)) if progress.n > 0 => (progress.kept + progress.done, progress.n),
            (Some(tasks), _) => (tasks.done, tasks.n),
            (None, _) => (0, 0),
        }
    }

    fn event(&self) -> StatusEvent<'_> {
        let (done, n) = self.counts();
        StatusEvent {
            event: "status",
            exp_id: self.record.exp_id.as_str(),
            run_id: self.record.run_id.as_str(),
            status: self.word(),
            tasks: n,
            done,
            updated: &self.record.updated,
            progress: self
                .session
                .as_ref()
                .and_then(|session| session.progress.as_ref()),
        }
    }

    fn show(&self, printer: &Printer) {
        if printer.json {
            printer.event(&self.event());
            return;
        }
        let record = &self.record;
        printer.heading(&format!(
            "{} of experiment {}: {}",
            record.run_id,
            record.exp_id,
            self.word()
        ));
        printer.say(&format!("  {}", self.line()));
        if let Some(session) = &self.session {
            printer.say(&format!(
                "  {} on {}, process {}, since {}",
                session.session.executor,
                session.session.process.host,
                session.session.process.id,
                show::time(Some(&session.session.started))
            ));
        }
        for cause in &record.error {
            printer.say(&format!("  {cause}"));
        }
        for missing in record.tasks.iter().flat_map(|tasks| &tasks.missing) {
            printer.say(&format!(
                "  task {} ({}) failed: {}",
                missing.task, missing.population, missing.cause
            ));
        }
        if self.word() == "killed" {
            printer.say(&format!(
                "  `epycloud run workflow --local --exp-id {} --resume {}` goes on with it",
                record.exp_id, record.run_id
            ));
        }
    }

    /// How far the run is, in a line.
    fn line(&self) -> String {
        let (done, n) = self.counts();
        let Some(progress) = self
            .session
            .as_ref()
            .and_then(|session| session.progress.as_ref())
            .filter(|_| self.is_at_work())
        else {
            return format!("{done}/{n} tasks done");
        };
        let mut line = match progress.stage {
            Some(stage) => format!("stage {stage}: {done}/{n} tasks done"),
            None => format!("{done}/{n} tasks done"),
        };
        for (count, what) in [
            (progress.running, "running"),
            (progress.failed, "failed"),
            (progress.retried, "tried again"),
        ] {
            if count > 0 {
                line.push_str(&format!(", {count} {what}"));
            }
        }
        if let Some(left) = left(progress) {
            line.push_str(&format!(", {} left", indicatif::HumanDuration(left)));
        }
        line
    }
}

/// The time that is left, by the rate so far.
fn left(progress: &ProgressRecord) -> Option<Duration> {
    let ended = progress.done + progress.failed;
    let waiting = progress.to_run.saturating_sub(ended);
    (ended > 0 && progress.stage_secs > 0.0).then(|| {
        Duration::from_secs_f64(progress.stage_secs * f64::from(waiting) / f64::from(ended))
    })
}

#[derive(Serialize)]
struct StatusEvent<'a> {
    event: &'static str,
    exp_id: &'a str,
    run_id: &'a str,
    status: &'static str,
    tasks: u32,
    done: u32,
    updated: &'a str,
    progress: Option<&'a ProgressRecord>,
}

/// Shows the latest runs.
async fn list(
    arguments: &Status,
    environment: &Environment,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let which = &arguments.which;
    let bucket = Bucket::locate(&which.project_directory, environment)?;
    let found = runs::list(&bucket, which.exp_id.as_ref()).await?;
    if found.is_empty() {
        return Err(runs::none(which, &bucket).await?.into());
    }
    let storage = epycloud_storage::Storage::local(&bucket.folder)?;
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["experiment", "run", "status", "tasks done", "updated"]);
    let all = found.len();
    for found in found.into_iter().take(LISTED) {
        let layout = epycloud_storage::RunLayout::new(
            &bucket.prefix,
            &found.record.exp_id,
            &found.record.run_id,
        );
        let standing = Standing::read(&Place {
            storage: storage.clone(),
            layout,
            found,
        })
        .await?;
        if printer.json {
            printer.event(&standing.event());
        }
        let (done, n) = standing.counts();
        let record = &standing.record;
        table.add_row([
            record.exp_id.to_string(),
            record.run_id.to_string(),
            standing.word().to_owned(),
            format!("{done}/{n}"),
            show::time(Some(&record.updated)),
        ]);
    }
    show::keep_whole(&mut table, 1);
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    if !printer.json {
        printer.data(&table.to_string());
    }
    if all > LISTED {
        printer.say(&format!("the latest {LISTED} of {all} runs"));
    }
    Ok(ExitCode::Done)
}

/// Shows one run until nobody is at work on it.
async fn watch(
    arguments: &Status,
    environment: &Environment,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let place = runs::find(&arguments.which, environment).await?;
    let bar = (std::io::stderr().is_terminal() && !printer.json && !printer.quiet)
        .then(indicatif::ProgressBar::new_spinner);
    let interval = arguments.interval.map_or(INTERVAL, |interval| interval.0);
    let mut last = String::new();
    loop {
        let standing = Standing::read(&place).await?;
        if !standing.is_at_work() {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
            standing.show(printer);
            return Ok(ExitCode::Done);
        }
        let line = standing.line();
        match &bar {
            _ if printer.json => printer.event(&standing.event()),
            Some(bar) => {
                bar.set_message(line);
                bar.tick();
            }
            None if line != last => {
                printer.say(&line);
                last = line;
            }
            None => {}
        }
        tokio::time::sleep(interval).await;
    }
}
