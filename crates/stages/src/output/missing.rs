//! A task whose result can't be used.

use std::fmt;

use epycloud_errors::{Diagnose, ExitCode, chain};
use serde::{Deserialize, Serialize};

use crate::loading::{ArtifactProblem, Cause};
use crate::manifest::TaskEntry;

/// A task whose result can't be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingTask {
    /// The task's index.
    pub index: u32,
    /// The engine's number of it.
    pub primary_id: u32,
    /// epydemix name of its population.
    pub population: String,
    /// Which kind of problem it is.
    pub cause: Cause,
    /// The problem and its causes, outermost first, joined by `: `.
    pub detail: String,
    /// How its last attempt failed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Whether it may pass by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub temporary: bool,
}

impl MissingTask {
    /// `failure` is how the task's last attempt failed, where that is known.
    pub(crate) fn new(
        task: &TaskEntry,
        problem: &ArtifactProblem,
        failure: Option<&String>,
    ) -> Self {
        Self {
            index: task.index,
            primary_id: task.primary_id,
            population: task.population.clone(),
            cause: problem.cause(),
            detail: chain(problem).join(": "),
            failure: failure.cloned(),
            temporary: problem.exit_code() == ExitCode::Temporary,
        }
    }
}

impl fmt::Display for MissingTask {
    /// `task 3 (United_States): missing: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = self.cause.as_str().replace('_', " ");
        write!(
            f,
            "task {} ({}): {cause}: {}",
            self.index, self.population, self.detail
        )?;
        match &self.failure {
            Some(failure) => write!(f, " ({failure})"),
            None => Ok(()),
        }
    }
}
