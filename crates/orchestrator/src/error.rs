//! Why a workflow ended early.

use std::fmt;
use std::path::PathBuf;

use epycloud_config::RunId;
use epycloud_errors::{Diagnose, ExitCode};
use epycloud_google::GoogleError;
use epycloud_stages::StageError;
use epycloud_stages::engine::StopSignal;
use epycloud_storage::StorageError;
use serde::Serialize;

use crate::container::ContainerError;
use crate::record::{Attempt, Blame, ProcessName};

/// How many failed tasks a message names.
const NAMED: usize = 5;

/// A task without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedTask {
    /// The task's index.
    pub task: u32,
    /// The error and its causes, outermost first.
    pub chain: Vec<String>,
    /// What can be done about it.
    pub hint: Option<String>,
    /// Whether another attempt may succeed as it is.
    pub temporary: bool,
    /// How many attempts there were.
    pub attempts: u32,
}

impl FailedTask {
    pub(crate) fn of(attempt: &Attempt) -> Self {
        Self {
            task: attempt.task,
            chain: attempt.error.clone(),
            hint: attempt.hint.clone(),
            temporary: attempt.blame == Some(Blame::Infrastructure),
            attempts: attempt.number,
        }
    }
}

impl fmt::Display for FailedTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}: {}", self.task, self.chain.join(": "))
    }
}

/// Why a workflow ended early.
#[derive(Debug, thiserror::Error)]
pub enum OrchestratorError {
    /// Stage A or C failed.
    #[error("stage {letter} failed")]
    Stage {
        /// The stage's letter.
        letter: char,
        /// Why.
        source: StageError,
    },
    /// A stage failed in a worker.
    #[error("stage {letter} failed: {}", .chain.join(": "))]
    StageElsewhere {
        /// The stage's letter.
        letter: char,
        /// The error and its causes, outermost first.
        chain: Vec<String>,
        /// What can be done about it.
        hint: Option<String>,
        /// The exit code it asks for.
        exit_code: ExitCode,
    },
    /// There are no containers to run tasks in.
    #[error("no containers")]
    Containers(#[source] ContainerError),
    /// A worker process can't be started.
    #[error("worker `{}` can't be started", .program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A worker process was started and doesn't serve.
    #[error("worker `{}` does not serve: {reason}", .program.display())]
    Worker {
        /// The program.
        program: PathBuf,
        /// What it said, or how it ended.
        reason: String,
        /// What can be done about it.
        hint: Option<String>,
        /// The exit code it asks for.
        exit_code: ExitCode,
    },
    /// Tasks have no result, and partial results aren't allowed.
    #[error("{}", describe(.failed, *.n))]
    TasksFailed {
        /// The tasks, in order.
        failed: Vec<FailedTask>,
        /// Number of tasks.
        n: u32,
    },
    /// More tasks have no result than is allowed.
    #[error(
        "results of {:.1} % of the tasks are fewer than the {:.1} % asked for; {}",
        .ratio * 100.0, .least * 100.0, describe(.failed, *.n)
    )]
    TooFewResults {
        /// The tasks without one, in order.
        failed: Vec<FailedTask>,
        /// Number of tasks.
        n: u32,
        /// The share of tasks that have one.
        ratio: f64,
        /// The share asked for.
        least: f64,
    },
    /// Somebody else is at work on the run.
    #[error("process {} on `{}` has been at work on this run since {since}", .process.id, .process.host)]
    AtWork {
        /// Who.
        process: ProcessName,
        /// Since when, UTC.
        since: String,
    },
    /// A task was asked for that isn't there.
    #[error("there is no task `{task}`: the run has {n}")]
    NoSuchTask {
        /// The index.
        task: u32,
        /// Number of tasks.
        n: u32,
    },
    /// The run was asked to stop.
    #[error("stopped by {signal}{}", so_far(*.done, *.n))]
    Stopped {
        /// By what.
        signal: StopSignal,
        /// Tasks with a result; 0 where they weren't counted.
        done: u32,
        /// Number of tasks; 0 where it isn't known.
        n: u32,
        /// The run.
        run_id: RunId,
    },
    /// One of Slurm's programs fails.
    #[error("`{program}` failed: {reason}")]
    Slurm {
        /// The program.
        program: &'static str,
        /// What it said.
        reason: String,
    },
    /// Google can't be asked, or refuses.
    #[error(transparent)]
    Google(#[from] GoogleError),
    /// The run's record can't be read or written.
    #[error("could not {doing}")]
    Record {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: StorageError,
    },
    /// No task has a result.
    #[error("all {n} tasks failed: {}", .failed.first().map(ToString::to_string).unwrap_or_default())]
    NoResults {
        /// The tasks, in order.
        failed: Vec<FailedTask>,
        /// Number of tasks.
        n: u32,
    },
}

impl OrchestratorError {
    pub(crate) fn record(doing: &'static str) -> impl FnOnce(StorageError) -> Self {
        move |source| Self::Record { doing, source }
    }
}

fn so_far(done: u32, n: u32) -> String {
    match n {
        0 => String::new(),
        n => format!(", with {done} of {n} tasks done"),
    }
}

fn describe(failed: &[FailedTask], n: u32) -> String {
    let mut text = format!("{} of {n} tasks failed", failed.len());
    for task in failed.iter().take(NAMED) {
        text.push_str("; ");
        text.push_str(&task.to_string());
    }
    if failed.len() > NAMED {
        let more: Vec<String> = failed
            .iter()
            .skip(NAMED)
            .map(|task| task.task.to_string())
            .collect();
        text.push_str("; and tasks ");
        text.push_str(&more.join(", "));
    }
    text
}

impl Diagnose for OrchestratorError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Stage { source, .. } => source.exit_code(),
            Self::Worker { exit_code, .. } | Self::StageElsewhere { exit_code, .. } => *exit_code,
            Self::Containers(source) => source.exit_code(),
            Self::Google(source) => source.exit_code(),
            Self::TasksFailed { failed, .. } | Self::NoResults { failed, .. }
                if failed.iter().all(|task| task.temporary) =>
            {
                ExitCode::Temporary
            }
            Self::Stopped { signal, .. } => signal.exit_code(),
            Self::Record { source, .. } => source.exit_code(),
            Self::AtWork { .. } | Self::NoSuchTask { .. } => ExitCode::Usage,
            Self::Start { .. }
            | Self::Slurm { .. }
            | Self::TasksFailed { .. }
            | Self::TooFewResults { .. }
            | Self::NoResults { .. } => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Stage { source, .. } => source.hint(),
            Self::Worker { hint, .. } | Self::StageElsewhere { hint, .. } => hint.clone(),
            Self::Containers(source) => source.hint(),
            Self::Google(source) => source.hint(),
            Self::TasksFailed { failed, .. } => failed
                .iter()
                .find_map(|task| task.hint.clone())
                .or_else(|| Some("`--allow-partial` writes the outputs without them".into())),
            Self::NoResults { failed, .. } | Self::TooFewResults { failed, .. } => {
                failed.iter().find_map(|task| task.hint.clone())
            }
            Self::AtWork { .. } => {
                Some("`epycloud status` shows how far it is; wait for it, or stop it".into())
            }
            Self::NoSuchTask { n, .. } => {
                Some(format!("tasks are numbered 0 to {}", n.saturating_sub(1)))
            }
            Self::Stopped { run_id, .. } => Some(format!(
                "the same command with `--resume {run_id}` goes on where this one stopped"
            )),
            Self::Record { source, .. } => source.hint(),
            Self::Slurm { .. } => Some(
                "`--executor slurm` needs Slurm's programs and a partition that takes the tasks"
                    .into(),
            ),
            Self::Start { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(task: u32, temporary: bool) -> FailedTask {
        FailedTask {
            task,
            chain: vec!["no".into(), "memory".into()],
            hint: None,
            temporary,
            attempts: 1,
        }
    }

    #[test]
    fn the_message_names_the_first_tasks_with_their_causes_and_the_rest_by_number() {
        let failed: Vec<FailedTask> = (0..7).map(|task| failed(task, false)).collect();
        let error = OrchestratorError::TasksFailed { failed, n: 9 };
        assert_eq!(
            error.to_string(),
            "7 of 9 tasks failed; task 0: no: memory; task 1: no: memory; task 2: no: memory; \
             task 3: no: memory; task 4: no: memory; and tasks 5, 6"
        );
        assert_eq!(error.exit_code(), ExitCode::Failed);
    }

    #[test]
    fn only_temporary_failures_are_worth_a_retry() {
        let all = OrchestratorError::NoResults {
            failed: vec![failed(0, true)],
            n: 1,
        };
        assert_eq!(all.exit_code(), ExitCode::Temporary);
        let some = OrchestratorError::TasksFailed {
            failed: vec![failed(0, true), failed(1, false)],
            n: 2,
        };
        assert_eq!(some.exit_code(), ExitCode::Failed);
    }
}
