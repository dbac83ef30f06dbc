//! How what Google tells is shown: times, states, tables.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use epycloud_google::logging::{LogEntry, Severity};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

const BAD: Style = AnsiColor::Red.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

/// A moment of the API (RFC 3339), in local time with the zone; as it is if it isn't one.
pub(crate) fn time(text: Option<&str>) -> String {
    let Some(text) = text else {
        return "-".into();
    };
    match text.parse::<Timestamp>() {
        Ok(moment) => moment
            .to_zoned_datetime(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S %Z")
            .to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The time from one moment to another, or to now.
pub(crate) fn duration(from: Option<&str>, to: Option<&str>) -> Option<Duration> {
    let from: Timestamp = from?.parse().ok()?;
    let to = match to {
        Some(to) => to.parse().ok()?,
        None => Timestamp::now(),
    };
    Duration::try_from(to.duration_since(from)).ok()
}

/// A time span, to the second.
pub(crate) fn span(span: Duration) -> String {
    let whole = SignedDuration::from_secs(i64::try_from(span.as_secs()).unwrap_or(i64::MAX));
    format!("{whole:#}")
}

/// A state of a job, an execution or a build, coloured.
pub(crate) fn state(state: &str) -> String {
    let style = colour(state).map_or_else(Style::new, AnsiColor::on_default);
    format!("{style}{state}{style:#}")
}

/// The same for a table, which has to know how wide it is.
pub(crate) fn state_cell(state: &str) -> Cell {
    let colour = colour(state).map(|colour| match colour {
        AnsiColor::Green => Color::Green,
        AnsiColor::Red => Color::Red,
        AnsiColor::Cyan => Color::Cyan,
        _ => Color::Yellow,
    });
    let cell = Cell::new(state);
    match colour {
        Some(colour) => cell.fg(colour),
        None => cell,
    }
}

fn colour(state: &str) -> Option<AnsiColor> {
    match state {
        "SUCCEEDED" | "SUCCESS" => Some(AnsiColor::Green),
        "FAILED" | "FAILURE" | "TIMEOUT" | "INTERNAL_ERROR" | "EXPIRED" => Some(AnsiColor::Red),
        "ACTIVE" | "RUNNING" | "WORKING" => Some(AnsiColor::Cyan),
        "CANCELLED" | "CANCELLATION_IN_PROGRESS" | "DELETION_IN_PROGRESS" => {
            Some(AnsiColor::Yellow)
        }
        _ => None,
    }
}

/// An empty table of these columns that fits the terminal.
pub(crate) fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(columns);
    table
}

/// Keeps a column as wide as what is in it: an ID that is broken over lines can't be copied.
pub(crate) fn keep_whole(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// A log entry for scripts.
#[derive(Serialize)]
pub(crate) struct LogEvent {
    event: &'static str,
    timestamp: String,
    severity: String,
    stage: Option<String>,
    exp_id: Option<String>,
    run_id: Option<String>,
    task_index: Option<u32>,
    message: String,
}

impl LogEvent {
    pub(crate) fn of(entry: &LogEntry) -> Self {
        Self {
            event: "log",
            timestamp: entry.timestamp.clone(),
            severity: entry.severity.to_string(),
            stage: entry.stage(),
            exp_id: entry.experiment(),
            run_id: entry.run(),
            task_index: task_of(entry),
            message: entry.message(),
        }
    }
}

/// A log entry in a line: when, how grave, where, what.
pub(crate) fn log_line(entry: &LogEntry) -> String {
    let style = match entry.severity {
        Severity::Warning => DOUBTFUL,
        Severity::Error | Severity::Critical | Severity::Alert | Severity::Emergency => BAD,
        _ => Style::new(),
    };
    let mut place = entry.stage().unwrap_or_default();
    if let Some(index) = task_of(entry) {
        place.push_str(&format!(" {index}"));
    }
    if !place.is_empty() {
        place = format!("[{place}] ");
    }
    let message = one_line(&entry.message());
    let severity = &entry.severity;
    let time = time(Some(&entry.timestamp));
    format!("{time} {style}{severity:<8}{style:#} {place}{message}")
}

/// Only stage B has tasks worth a number.
fn task_of(entry: &LogEntry) -> Option<u32> {
    let stage = entry.stage();
    let has_tasks = stage.as_deref().is_none_or(|stage| stage == "runner");
    entry.task_index().filter(|_| has_tasks)
}

/// A text that neither breaks a line nor commands a terminal: it comes from who knows where.
pub(crate) fn one_line(text: &str) -> String {
    text.trim_end()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_to_the_second() {
        assert_eq!(span(Duration::from_millis(3_725_900)), "1h 2m 5s");
        assert_eq!(
            duration(Some("2026-11-24T12:00:00Z"), Some("2026-11-24T12:00:09Z")),
            Some(Duration::from_secs(9))
        );
        assert_eq!(duration(Some("soon"), None), None);
    }

    #[test]
    fn a_log_line_is_one_line() {
        let text = r#"{"textPayload": "a\nb\u001b[2J", "severity": "ERROR",
            "timestamp": "2026-11-24T12:00:00Z",
            "labels": {"stage": "runner", "task_id": "task/x-group0-3/0/0"}}"#;
        let line = log_line(&serde_json::from_str(text).unwrap());
        assert!(line.ends_with("[runner 3] a b [2J"), "{line}");
    }
}
