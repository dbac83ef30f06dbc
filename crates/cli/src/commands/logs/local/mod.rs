//! The log of runs on this machine: what the stages logged, and how attempts ended.

mod entry;

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use epycloud_config::{FileName, LogLevel, Stage};
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::record::{RunStore, StoredSession};
use jiff::Timestamp;
use serde::Serialize;

use self::entry::{Entry, gravity, of_attempt, read};
use crate::arguments::{Logs, Which};
use crate::cloud::show::{one_line, time};
use crate::commands::runs::{self, Place};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::printer::Printer;

const BAD: Style = AnsiColor::Red.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();

pub(super) fn run(arguments: &Logs, context: &Context) -> Result<ExitCode, Report> {
    let environment = context.stage_environment()?;
    let which = Which {
        run_id: arguments.run_id.clone(),
        exp_id: arguments.exp_id.clone(),
        project_directory: arguments.project_directory.clone(),
    };
    let work = async {
        let place = runs::find(&which, &environment).await?;
        show(&place, arguments, &context.printer).await
    };
    match block_on(work)? {
        Ended::Itself(shown) => shown,
        // Ctrl-C is how following ends.
        Ended::Stopped(ExitCode::Interrupted) if arguments.follow => Ok(ExitCode::Done),
        Ended::Stopped(code) => Ok(code),
    }
}

/// What was read of a session's log so far.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    chunks: u32,
    attempts: usize,
}

/// A run's log, as far as it was read.
struct RunLog {
    store: RunStore,
    seen: BTreeMap<FileName, Seen>,
}

async fn show(place: &Place, arguments: &Logs, printer: &Printer) -> Result<ExitCode, Report> {
    let mut log = RunLog {
        store: RunStore::new(place.storage.clone(), place.layout.clone()),
        seen: BTreeMap::new(),
    };
    let run_id = place.found.record.run_id.as_str();
    printer.say(&format!("log of run {run_id}"));
    let wanted = Wanted::new(arguments);
    let (entries, mut goes_on) = log.more(&wanted).await?;
    if entries.is_empty() {
        printer.say("no entries");
    }
    let first = match arguments.tail {
        0 => 0,
        tail => entries.len().saturating_sub(tail),
    };
    print(&entries[first..], place, printer);
    while arguments.follow && goes_on {
        tokio::time::sleep(arguments.interval.0).await;
        let entries;
        (entries, goes_on) = log.more(&wanted).await?;
        print(&entries, place, printer);
    }
    Ok(ExitCode::Done)
}

impl RunLog {
    /// What was logged since the last time, in the order of time, and whether more may come.
    async fn more(&mut self, wanted: &Wanted) -> Result<(Vec<Entry>, bool), Report> {
        // Asked first, so that what is written last is read before the end is seen.
        let sessions = self.store.sessions().await?;
        let goes_on = sessions.last().is_some_and(StoredSession::is_at_work);
        let mut entries = Vec::new();
        for session in &sessions {
            self.of_session(&session.session.id, &mut entries).await?;
        }
        entries.retain(|entry| wanted.has(entry));
        entries.sort_by_key(|entry| entry.time);
        Ok((entries, goes_on))
    }

    async fn of_session(
        &mut self,
        session: &FileName,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Report> {
        let seen = self.seen.entry(session.clone()).or_default();
        let mut logged = Vec::new();
        seen.chunks = self
            .store
            .log(session, seen.chunks, |text| read(text, &mut logged))
            .await?;
        entries.append(&mut logged);
        let (has_log, known, mut count) = (seen.chunks > 0, seen.attempts, 0);
        self.store
            .attempts(session, |attempt| {
                count += 1;
                if count > known {
                    entries.extend(of_attempt(&attempt, has_log));
                }
            })
            .await?;
        seen.attempts = count;
        Ok(())
    }
}

/// Which entries are asked for.
struct Wanted {
    stage: Option<Stage>,
    task: Option<u32>,
    level: Option<LogLevel>,
    since: Option<Timestamp>,
}

impl Wanted {
    fn new(arguments: &Logs) -> Self {
        Self {
            stage: arguments.stage,
            task: arguments.task_index,
            level: arguments.level,
            since: arguments.since.map(|ago| ago.begin(Timestamp::now())),
        }
    }

    fn has(&self, entry: &Entry) -> bool {
        self.stage.is_none_or(|stage| entry.stage == Some(stage))
            && self.task.is_none_or(|task| entry.task == Some(task))
            && self
                .level
                .is_none_or(|level| gravity(entry.level) >= gravity(level))
            && self.since.is_none_or(|since| entry.time >= since)
    }
}

/// An entry for scripts, as those of the cloud.
#[derive(Serialize)]
struct LogEvent<'a> {
    event: &'static str,
    timestamp: String,
    severity: String,
    stage: Option<String>,
    exp_id: &'a str,
    run_id: &'a str,
    task_index: Option<u32>,
    message: &'a str,
}

fn print(entries: &[Entry], place: &Place, printer: &Printer) {
    let record = &place.found.record;
    for entry in entries {
        if printer.json {
            printer.event(&LogEvent {
                event: "log",
                timestamp: entry.time.to_string(),
                severity: entry.level.to_string().to_uppercase(),
                stage: entry.stage.map(|stage| stage.to_string()),
                exp_id: record.exp_id.as_str(),
                run_id: record.run_id.as_str(),
                task_index: entry.task,
                message: &entry.message,
            });
        } else {
            printer.data(&line(entry));
        }
    }
}

/// When, how grave, where, what.
fn line(entry: &Entry) -> String {
    let style = match entry.level {
        LogLevel::Warning => ODD,
        LogLevel::Error | LogLevel::Critical => BAD,
        _ => Style::new(),
    };
    let mut place = entry
        .stage
        .map_or_else(String::new, |stage| stage.to_string());
    if let Some(task) = entry.task {
        place.push_str(&format!(" {task}"));
    }
    if !place.is_empty() {
        place = format!("[{place}] ");
    }
    let time = time(Some(&entry.time.to_string()));
    let severity = entry.level.to_string().to_uppercase();
    let message: Vec<String> = entry.message.lines().map(one_line).collect();
    format!(
        "{time} {style}{severity:<8}{style:#} {place}{}",
        message.join("\n    ")
    )
}
