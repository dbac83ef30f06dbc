//! The log that the stages' jobs have in Cloud Logging.

use epycloud_config::{LogLevel, ProjectId, TaskIndex};
use epycloud_errors::{ExitCode, Report};
use epycloud_google::logging::{Entries, Follow, JobLog, LogEntry, Order, Severity, list_entries};
use epycloud_google::{Client, GoogleError};
use jiff::Timestamp;

use crate::arguments::Logs;
use crate::cloud::Cloud;
use crate::cloud::show::{LogEvent, log_line};
use crate::commands::runtime::{Ended, block_on};
use crate::printer::Printer;
use crate::values::Seconds;

const NOTHING: &str = "no entries; the first appear about a minute after a job has started, and \
                       Cloud Logging keeps them for 30 days";

pub(super) fn run(arguments: &Logs, cloud: &Cloud, printer: &Printer) -> Result<ExitCode, Report> {
    let log = Log {
        project: cloud.place.project.clone(),
        filter: filter(arguments),
        tail: arguments.tail,
        follow: arguments.follow.then_some(arguments.interval),
    };
    let client = cloud.client()?;
    match block_on(log.show(&client, printer))? {
        Ended::Itself(shown) => shown,
        // Ctrl-C is how following ends.
        Ended::Stopped(ExitCode::Interrupted) if arguments.follow => Ok(ExitCode::Done),
        Ended::Stopped(code) => Ok(code),
    }
}

fn filter(arguments: &Logs) -> String {
    JobLog {
        exp_id: arguments.exp_id.clone(),
        run_id: arguments.run_id.clone(),
        stage: arguments.stage,
        task_index: arguments.task_index.map(TaskIndex::new),
        job: arguments.job_name.clone(),
        execution: arguments.execution_id.clone(),
        level: arguments.level.map(severity),
        since: arguments.since.map(|ago| ago.begin(Timestamp::now())),
    }
    .filter()
}

/// A level as Cloud Logging calls it.
pub(in crate::commands) const fn severity(level: LogLevel) -> Severity {
    match level {
        LogLevel::Debug => Severity::Debug,
        LogLevel::Info => Severity::Info,
        LogLevel::Warning => Severity::Warning,
        LogLevel::Error => Severity::Error,
        LogLevel::Critical => Severity::Critical,
    }
}

/// A part of a project's log, as it is to be shown.
pub(in crate::commands) struct Log {
    pub(in crate::commands) project: ProjectId,
    pub(in crate::commands) filter: String,
    /// The last entries; all with 0.
    pub(in crate::commands) tail: usize,
    /// Whether to go on, and how often to look.
    pub(in crate::commands) follow: Option<Seconds>,
}

impl Log {
    /// Shows what is there, and what comes.
    pub(in crate::commands) async fn show(
        &self,
        client: &Client,
        printer: &Printer,
    ) -> Result<ExitCode, Report> {
        let first = self.last_entries(client).await?;
        if first.is_empty() {
            printer.say(NOTHING);
        }
        print(&first, printer);
        let Some(interval) = self.follow else {
            return Ok(ExitCode::Done);
        };
        let mut arrivals = Arrivals {
            project: self.project.clone(),
            filter: self.filter.clone(),
            seen: Follow::after(&first),
        };
        loop {
            print(&arrivals.next(client).await?, printer);
            tokio::time::sleep(interval.0).await;
        }
    }

    /// The last entries, the oldest first.
    async fn last_entries(&self, client: &Client) -> Result<Vec<LogEntry>, Report> {
        let most = if self.tail == 0 {
            usize::MAX
        } else {
            self.tail
        };
        let request = list_entries(&self.project, &self.filter, Order::Newest);
        let mut entries = client
            .list_some::<Entries>(&request, |_| true, most)
            .await?;
        entries.reverse();
        Ok(entries)
    }
}

/// A part of a project's log that is followed.
pub(in crate::commands) struct Arrivals {
    project: ProjectId,
    filter: String,
    seen: Follow,
}

impl Arrivals {
    /// All that there is, and comes.
    pub(in crate::commands) fn of(project: &ProjectId, log: &JobLog) -> Self {
        Self {
            project: project.clone(),
            filter: log.filter(),
            seen: Follow::default(),
        }
    }

    /// What has arrived since the last question, and before it in the overlap.
    pub(in crate::commands) async fn next(
        &mut self,
        client: &Client,
    ) -> Result<Vec<LogEntry>, GoogleError> {
        let filter = match self.seen.condition() {
            Some(condition) => format!("{} AND {condition}", self.filter),
            None => self.filter.clone(),
        };
        let request = list_entries(&self.project, &filter, Order::Oldest);
        Ok(self.seen.keep_new(client.list::<Entries>(&request).await?))
    }
}

fn print(entries: &[LogEntry], printer: &Printer) {
    for entry in entries {
        if printer.json {
            printer.event(&LogEvent::of(entry));
        } else {
            printer.data(&log_line(entry));
        }
    }
}
