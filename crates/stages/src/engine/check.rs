//! What an engine says about an experiment that nobody runs yet.

use epycloud_config::{Fault, Severity};
use epycloud_errors::chain;
use serde::Serialize;

use super::EngineFailure;

/// How much of an experiment is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDepth {
    /// Its files, and whether they agree.
    Files,
    /// The data that they name as well: whatever building the tasks reads.
    Data,
}

/// What an engine says about an experiment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Check {
    /// What is wrong with the files, warnings included.
    pub faults: Vec<Fault>,
    /// What is wrong with what the files name: data that is missing, numbers that don't add up.
    pub problems: Vec<Problem>,
    /// What probably isn't meant, without a place in the files.
    pub warnings: Vec<String>,
    /// The kind of workflow, if it got so far.
    pub workflow: Option<String>,
    /// Number of tasks, if it got so far.
    pub n_tasks: Option<u32>,
}

/// Something wrong that stands in no line of the experiment's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is and its causes, outermost first.
    pub message: Vec<String>,
    /// What can be done about it.
    pub hint: Option<String>,
}

impl Check {
    /// Whether the engine can run it.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.problems.is_empty() && self.faults.iter().all(|fault| !is_error(fault))
    }
}

impl Problem {
    pub(super) fn of(failure: &EngineFailure) -> Self {
        Self {
            message: chain(failure),
            hint: epycloud_errors::Diagnose::hint(failure),
        }
    }
}

/// Whether a fault keeps this engine from running the experiment, a limit of its own included.
fn is_error(fault: &Fault) -> bool {
    fault.severity == Severity::Error
}
