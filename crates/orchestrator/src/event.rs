//! What happens during a run, told to whoever watches: a terminal, a log, a script.

use epycloud_config::Stage;
use serde::Serialize;

/// Something that happened during a run. Its serde form is a line of `--json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A stage began.
    StageStarted {
        /// The stage.
        stage: Stage,
        /// Its number of tasks.
        tasks: u32,
    },
    /// A worker took a task.
    TaskStarted {
        /// The task's index.
        task: u32,
    },
    /// A task went on.
    TaskAdvanced {
        /// The task's index.
        task: u32,
        /// Simulations done.
        done: u32,
        /// Simulations to do.
        of: u32,
    },
    /// A task's result is stored.
    TaskFinished {
        /// The task's index.
        task: u32,
        /// How long it took, in seconds.
        duration_secs: f64,
    },
    /// A task has no result.
    TaskFailed {
        /// The task's index.
        task: u32,
        /// The error and its causes, outermost first.
        error: Vec<String>,
    },
    /// A worker's log line.
    Log {
        /// The line.
        line: String,
    },
    /// Something that may be wrong.
    Warning {
        /// What.
        message: String,
    },
    /// A stage ended well.
    StageFinished {
        /// The stage.
        stage: Stage,
        /// How long it took, in seconds.
        duration_secs: f64,
    },
}

/// Somebody who watches a run. Called from the run's own thread; must return at once.
pub trait Observer: Send + Sync {
    /// Takes note of an event.
    fn notify(&self, event: &Event);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn notify(&self, _: &Event) {}
}
