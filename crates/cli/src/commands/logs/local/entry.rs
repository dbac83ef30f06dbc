//! Lines of a kept log, read back.

use epycloud_config::{LogLevel, Stage};
use epycloud_orchestrator::record::Attempt;
use jiff::{SignedDuration, Timestamp};

/// One thing that was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) time: Timestamp,
    pub(super) level: LogLevel,
    pub(super) stage: Option<Stage>,
    pub(super) task: Option<u32>,
    pub(super) message: String,
}

/// Adds the entries of a part of a log. A line that begins none goes on with the one before: that
/// is how messages of several lines, and what a program says when it crashes, are written.
pub(super) fn read(text: &str, entries: &mut Vec<Entry>) {
    for line in text.lines() {
        match (parse(line), entries.last_mut()) {
            (Some(entry), _) => entries.push(entry),
            (None, Some(last)) => {
                last.message.push('\n');
                last.message.push_str(line);
            }
            (None, None) => {}
        }
    }
}

/// `2026-01-05 12:00:00 runner INFO [Task 3] message`, in UTC.
fn parse(line: &str) -> Option<Entry> {
    let (date, rest) = line.split_once(' ')?;
    let (clock, rest) = rest.split_once(' ')?;
    let time = format!("{date}T{clock}Z").parse().ok()?;
    let (program, rest) = rest.split_once(' ')?;
    let (level, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let level = level.parse().ok()?;
    let task = rest
        .strip_prefix("[Task ")
        .and_then(|rest| rest.split_once("] "))
        .and_then(|(index, message)| Some((index.parse().ok()?, message)));
    Some(Entry {
        time,
        level,
        stage: program.parse().ok(),
        task: task.map(|(index, _)| index),
        message: task.map_or(rest, |(_, message)| message).to_owned(),
    })
}

/// How an attempt ended, if it ended badly; with its log's last lines where the run keeps no log,
/// as of jobs of a cluster.
pub(super) fn of_attempt(attempt: &Attempt, has_log: bool) -> Option<Entry> {
    if attempt.is_done() {
        return None;
    }
    let began: Timestamp = attempt.started.parse().ok()?;
    let lasted = SignedDuration::try_from_secs_f64(attempt.duration_secs).ok()?;
    let mut message = format!(
        "attempt {} {}: {}",
        attempt.number,
        attempt.outcome,
        attempt.cause()
    );
    if !has_log {
        for line in &attempt.log {
            message.push('\n');
            message.push_str(line);
        }
    }
    Some(Entry {
        time: began.checked_add(lasted).ok()?,
        level: LogLevel::Error,
        stage: Some(Stage::Runner),
        task: Some(attempt.task),
        message,
    })
}

/// How grave a level is.
pub(super) const fn gravity(level: LogLevel) -> u8 {
    match level {
        LogLevel::Debug => 0,
        LogLevel::Info => 1,
        LogLevel::Warning => 2,
        LogLevel::Error => 3,
        LogLevel::Critical => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_back_with_its_stages_and_tasks() {
        let mut entries = Vec::new();
        read(
            "2026-01-05 12:00:00 builder INFO built tasks=3\n\
             2026-01-05 12:00:01 runner ERROR [Task 7] failed\n    because\n\
             Fatal Python error: Aborted\n\
             2026-01-05 12:00:02 epycloud WARNING odd\n",
            &mut entries,
        );
        let seen: Vec<_> = entries
            .iter()
            .map(|entry| (entry.stage, entry.task, entry.message.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (Some(Stage::Builder), None, "built tasks=3"),
                (
                    Some(Stage::Runner),
                    Some(7),
                    "failed\n    because\nFatal Python error: Aborted"
                ),
                (None, None, "odd"),
            ]
        );
        assert_eq!(entries[1].level, LogLevel::Error);
        assert_eq!(entries[2].time.to_string(), "2026-01-05T12:00:02Z");
    }
}
