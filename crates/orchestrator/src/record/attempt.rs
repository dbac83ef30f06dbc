//! One attempt at a task, as the run keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The result is stored.
    Done,
    /// The stage said why there is none.
    Failed,
    /// The process ended before it had said anything.
    Crashed,
    /// It was ended because of the memory it held.
    OutOfMemory,
    /// It was ended at its time limit.
    TimedOut,
    /// The machine, or whoever rules it, took it away.
    Lost,
    /// The run was stopped.
    Stopped,
}

/// What an attempt that failed is held against. The two are counted apart: a machine that is
/// taken away says nothing of the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The task, its data or its engine.
    Application,
    /// The machine, its memory or its storage.
    Infrastructure,
}

/// One attempt at a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The task's index.
    pub task: u32,
    /// Which attempt of this session, from 1.
    pub number: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What it is held against, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blame: Option<Blame>,
    /// When it began, UTC.
    pub started: String,
    /// How long it took, in seconds; without storing its result where the worker ran another task
    /// meanwhile.
    pub duration_secs: f64,
    /// The most memory that its process held, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_mib: Option<f64>,
    /// Exit code of its process; the one a process would have had, where many tasks share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended its process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The error and its causes, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error: Vec<String>,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The last lines of its log, if it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// Where it ran: a process on a machine, or a job of a cluster.
    pub worker: String,
}

impl Attempt {
    /// An attempt of which nothing is known yet.
    pub(crate) fn of(task: u32, number: u32, worker: String) -> Self {
        Self {
            task,
            number,
            outcome: Outcome::Lost,
            blame: None,
            started: String::new(),
            duration_secs: 0.0,
            peak_memory_mib: None,
            exit_code: None,
            signal: None,
            error: Vec::new(),
            hint: None,
            log: Vec::new(),
            worker,
        }
    }

    /// Whether its result is stored.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.outcome == Outcome::Done
    }

    /// The error and its causes in one line.
    #[must_use]
    pub fn cause(&self) -> String {
        if self.error.is_empty() {
            self.outcome.to_string()
        } else {
            self.error.join(": ")
        }
    }
}

/// A cause without what is the task's own in it (its number, the names of its files), so that tasks
/// that failed for one reason can be told together.
#[must_use]
pub fn shared_cause(cause: &str, task: u32) -> String {
    cause
        .replace(&format!("task {task}"), "the task")
        .replace(&format!("_{task:05}"), "_…")
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::OutOfMemory => "out of memory",
            Self::TimedOut => "timed out",
            Self::Lost => "lost",
            Self::Stopped => "stopped",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_shared_by_tasks_that_differ_in_their_numbers() {
        let cause = |task| format!("task {task}: `input_{task:05}.pkl.gz` is gone");
        assert_eq!(shared_cause(&cause(3), 3), shared_cause(&cause(70), 70));
    }

    #[test]
    fn an_attempt_reads_back_from_its_line() {
        let attempt = Attempt {
            task: 3,
            number: 1,
            outcome: Outcome::OutOfMemory,
            blame: Some(Blame::Infrastructure),
            started: "2026-01-05T12:00:00.000Z".into(),
            duration_secs: 1.5,
            peak_memory_mib: None,
            exit_code: None,
            signal: Some(9),
            error: vec!["no memory".into(), "killed".into()],
            hint: None,
            log: vec![],
            worker: "host:1".into(),
        };
        let line = serde_json::to_string(&attempt).unwrap();
        assert!(line.contains("\"out_of_memory\""), "{line}");
        assert_eq!(serde_json::from_str::<Attempt>(&line).unwrap(), attempt);
        assert_eq!(attempt.cause(), "no memory: killed");
    }
}
