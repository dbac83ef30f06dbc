//! The log of what is waited for, as it arrives.

use epycloud_errors::{Diagnose as _, ExitCode};
use epycloud_google::Client;
use epycloud_google::logging::{JobLog, LogEntry, Severity};

use crate::cloud::show::{LogEvent, log_line};
use crate::cloud::watch::LiveLine;
use crate::cloud::{Cloud, in_a_line};
use crate::commands::logs::cloud::Arrivals;
use crate::printer::Printer;

/// The log of a run that is waited for. It goes to stderr, above the line that says how the run
/// stands; with `--json` each entry is an event, as `logs` writes it. `--quiet` leaves it out,
/// `--verbose` adds what is for debugging.
pub(super) struct RunLog<'a> {
    printer: &'a Printer,
    /// Nothing, where it isn't wanted or can't be had.
    arrivals: Option<Arrivals>,
}

impl<'a> RunLog<'a> {
    /// That of the jobs of an execution.
    pub(super) fn of_execution(id: &str, cloud: &Cloud, printer: &'a Printer) -> Self {
        let log = JobLog {
            execution: Some(id.to_owned()),
            ..JobLog::default()
        };
        Self::new(&log, cloud, printer)
    }

    /// That of a job.
    pub(super) fn of_job(id: &str, cloud: &Cloud, printer: &'a Printer) -> Self {
        let log = JobLog {
            job: Some(id.to_owned()),
            ..JobLog::default()
        };
        Self::new(&log, cloud, printer)
    }

    fn new(log: &JobLog, cloud: &Cloud, printer: &'a Printer) -> Self {
        let is_wanted = printer.json || !printer.quiet;
        Self {
            printer,
            arrivals: is_wanted.then(|| Arrivals::of(&cloud.place.project, log)),
        }
    }

    /// Shows what has arrived since it was last asked. That it can't be had is told once: the run
    /// goes on, and so does the waiting.
    pub(super) async fn show(&mut self, client: &Client, line: &LiveLine<'_>) {
        let Some(arrivals) = &mut self.arrivals else {
            return;
        };
        match arrivals.next(client).await {
            Ok(entries) => {
                let wanted = entries.iter().filter(|entry| self.wants(entry));
                let wanted: Vec<&LogEntry> = wanted.collect();
                line.above(|| wanted.into_iter().for_each(|entry| self.print(entry)));
            }
            Err(error) if error.exit_code() == ExitCode::Temporary => line.warn(&in_a_line(&error)),
            Err(error) => {
                line.warn(&format!("the log can't be shown: {}", in_a_line(&error)));
                self.arrivals = None;
            }
        }
    }

    fn wants(&self, entry: &LogEntry) -> bool {
        self.printer.verbose || entry.severity != Severity::Debug
    }

    fn print(&self, entry: &LogEntry) {
        if self.printer.json {
            self.printer.event(&LogEvent::of(entry));
        } else {
            self.printer.say(&log_line(entry));
        }
    }
}
