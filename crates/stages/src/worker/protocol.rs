//! The messages between an orchestrator and its workers.

use std::collections::BTreeMap;

use epycloud_config::EngineName;
use epycloud_errors::ExitCode;
use serde::{Deserialize, Serialize};

use crate::builder::BuilderReport;
use crate::output::OutputReport;

/// The version of the messages; a worker says it in [`Answer::Ready`].
pub const PROTOCOL_VERSION: u32 = 3;

/// What an orchestrator asks for.
///
/// ```
/// use epycloud_stages::worker::Request;
///
/// let request = Request::Run { task: 3 };
/// assert_eq!(request.to_line(), "{\"type\":\"run\",\"task\":3}\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Run a task. Its answers are any number of [`Answer::Progress`], perhaps one
    /// [`Answer::Simulated`], after which another request may come, and at last one
    /// [`Answer::Done`] or [`Answer::Failed`].
    Run {
        /// The task's index.
        task: u32,
    },
    /// Run stage A. Its answer is [`Answer::Built`] or [`Answer::StageFailed`].
    Build,
    /// Run stage C. Its answer is [`Answer::Written`] or [`Answer::StageFailed`].
    Output {
        /// Why tasks have no result, by index, where that is known.
        known_failures: Vec<(u32, String)>,
    },
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answer {
    /// It is there; the first line it writes, before any request.
    Ready {
        /// [`PROTOCOL_VERSION`].
        protocol: u32,
        /// Its process.
        process_id: u32,
        /// The engine it runs tasks with.
        engine: EngineName,
        /// Version of that engine.
        engine_version: String,
        /// Versions of what does the modelling.
        versions: BTreeMap<String, String>,
    },
    /// How far a task is; at most a few times a second.
    Progress {
        /// The task's index.
        task: u32,
        /// Simulations done.
        done: u32,
        /// Simulations to do.
        of: u32,
    },
    /// A task's simulations are over. While its result is being stored, the worker takes another.
    Simulated {
        /// The task's index.
        task: u32,
    },
    /// A task's result is stored.
    Done {
        /// The task's index.
        task: u32,
        /// epydemix name of its population.
        population: String,
        /// How long it took, in seconds.
        duration_secs: f64,
        /// The most memory the worker has held so far, in MiB.
        peak_memory_mib: f64,
        /// Size of the stored result in bytes.
        bytes: u64,
    },
    /// A task has no result.
    Failed {
        /// The task's index.
        task: u32,
        /// The exit code of a process that fails so: 75 is worth another attempt.
        exit_code: u8,
        /// The error and its causes, outermost first.
        chain: Vec<String>,
        /// What can be done about it.
        hint: Option<String>,
        /// How long it took, in seconds.
        duration_secs: f64,
        /// The most memory the worker has held so far, in MiB.
        peak_memory_mib: f64,
    },
    /// Stage A is done.
    Built {
        /// What it has done.
        report: Box<BuilderReport>,
    },
    /// Stage C is done.
    Written {
        /// What it has done.
        report: Box<OutputReport>,
    },
    /// Stage A or C has failed.
    StageFailed {
        /// The exit code of a process that fails so.
        exit_code: u8,
        /// The error and its causes, outermost first.
        chain: Vec<String>,
        /// What can be done about it.
        hint: Option<String>,
    },
    /// A line wasn't a request, or the worker can't work at all; in the latter case it ends with
    /// the exit code.
    Refused {
        /// The exit code.
        exit_code: u8,
        /// Why.
        chain: Vec<String>,
        /// What can be done about it.
        hint: Option<String>,
    },
}

impl Request {
    /// The message as a line.
    #[must_use]
    pub fn to_line(&self) -> String {
        line(self)
    }
}

impl Answer {
    /// The message as a line.
    #[must_use]
    pub fn to_line(&self) -> String {
        line(self)
    }

    /// Reads a line.
    ///
    /// # Errors
    /// When it isn't an answer.
    pub fn from_line(line: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(line)
    }

    /// Whether a task that failed is worth another attempt as it is.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        let temporary = ExitCode::Temporary.code();
        matches!(self, Self::Failed { exit_code, .. } if *exit_code == temporary)
    }
}

/// One line of JSON; control characters are escaped, so a message never has a second line.
fn line(message: &impl Serialize) -> String {
    let mut line = serde_json::to_string(message).expect("a message's keys are text");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_and_read_back() {
        let answer = Answer::Failed {
            task: 3,
            exit_code: 75,
            chain: vec!["first\nsecond".into()],
            hint: None,
            duration_secs: 0.5,
            peak_memory_mib: 12.0,
        };
        let line = answer.to_line();
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(Answer::from_line(&line).unwrap(), answer);
        assert!(answer.is_temporary());
    }

    #[test]
    fn an_unknown_request_is_refused() {
        for line in [
            "{}",
            "{\"type\":\"stop\"}",
            "{\"type\":\"run\",\"task\":-1}",
            "run 3",
        ] {
            assert!(serde_json::from_str::<Request>(line).is_err(), "{line}");
        }
    }
}
