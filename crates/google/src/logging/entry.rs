//! Log entries.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::pages::page;
use crate::tolerant::tolerant;

tolerant! {
    /// How grave an entry is.
    Severity {
        /// For developers.
        Debug = "DEBUG",
        /// Routine.
        Info = "INFO",
        /// Normal, but worth a look.
        Notice = "NOTICE",
        /// May become a problem.
        Warning = "WARNING",
        /// A problem.
        Error = "ERROR",
        /// A severe one.
        Critical = "CRITICAL",
        /// Somebody must act at once.
        Alert = "ALERT",
        /// Nothing works.
        Emergency = "EMERGENCY",
    }
}

/// An entry.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LogEntry {
    /// Unlike that of any other entry of the same time and log.
    pub insert_id: String,
    /// The log it is in.
    pub log_name: String,
    /// When it happened (RFC 3339).
    pub timestamp: String,
    /// When it arrived (RFC 3339).
    pub receive_timestamp: String,
    /// How grave it is.
    pub severity: Severity,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    text_payload: Option<String>,
    json_payload: Option<Map<String, Value>>,
}

impl LogEntry {
    /// What it says. A structured entry says what its `message` says, or else all of it.
    #[must_use]
    pub fn message(&self) -> String {
        if let Some(text) = &self.text_payload {
            return text.trim_end().to_owned();
        }
        let Some(members) = &self.json_payload else {
            return String::new();
        };
        match members.get("message").and_then(Value::as_str) {
            Some(message) => message.to_owned(),
            None => Value::Object(members.clone()).to_string(),
        }
    }

    /// The stage that wrote it: `builder`, `runner` or `output`.
    #[must_use]
    pub fn stage(&self) -> Option<String> {
        self.context("stage")
    }

    /// The experiment.
    #[must_use]
    pub fn experiment(&self) -> Option<String> {
        self.context("exp_id")
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> Option<String> {
        self.context("run_id")
    }

    /// The task of stage B: what the entry itself says, or else the index in Batch's name of the
    /// task (`task/{uid}-group0-{index}/{attempt}/…`).
    #[must_use]
    pub fn task_index(&self) -> Option<u32> {
        if let Some(index) = self.context("task_index") {
            return index.parse().ok();
        }
        let task = self.labels.get("task_id")?.strip_prefix("task/")?;
        let group = task.split('/').next()?;
        group.rsplit('-').next()?.parse().ok()
    }

    /// What the stages say of where they are: in the entry's content, whole, or in a label.
    fn context(&self, name: &str) -> Option<String> {
        let member = self.json_payload.as_ref().and_then(|all| all.get(name));
        match member {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => self.labels.get(name).cloned(),
        }
    }
}

page!(Entries, entries, "entries", LogEntry);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> LogEntry {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn text_and_structured_entries_are_read() {
        let text = read(
            r#"{"textPayload": "hello\n", "severity": "DEFAULT", "labels": {
                "stage": "runner", "task_id": "task/stage-b-1-uid-group0-42/0/0"}}"#,
        );
        assert_eq!(
            (text.message().as_str(), text.task_index()),
            ("hello", Some(42))
        );
        assert_eq!(text.severity.as_str(), "DEFAULT");
        let structured = read(
            r#"{"jsonPayload": {"message": "done", "task_index": 7, "exp_id": "a/B"},
                "labels": {"exp_id": "a-b", "task_id": "task/x-group0-0/0/0"}}"#,
        );
        assert_eq!(structured.message(), "done");
        assert_eq!(structured.task_index(), Some(7));
        assert_eq!(structured.experiment().as_deref(), Some("a/B"));
        let odd = read(r#"{"jsonPayload": {"a": 1}, "labels": {"task_id": "strange"}}"#);
        assert_eq!(
            (odd.message().as_str(), odd.task_index()),
            (r#"{"a":1}"#, None)
        );
        assert_eq!(read("{}").message(), "");
    }
}
