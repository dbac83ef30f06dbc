//! What happens during a run, told to whoever watches: a terminal, a log, a script.

use epycloud_config::Stage;
use serde::Serialize;

use crate::record::{Blame, Outcome};

/// Something that happened during a run. Its serde form is a line of `--json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A stage began.
    StageStarted {
        /// The stage.
        stage: Stage,
        /// How many tasks it will run.
        tasks: u32,
        /// How many more have their result already.
        kept: u32,
    },
    /// A stage has nothing to do.
    StageSkipped {
        /// The stage.
        stage: Stage,
        /// Why.
        reason: String,
    },
    /// A stage, or tasks of stage B, were handed to Batch.
    JobSubmitted {
        /// The stage.
        stage: Stage,
        /// The job's ID.
        job: String,
        /// How many tasks of the run it has.
        tasks: u32,
    },
    /// What was decided of a task before any ran; only where it was asked for.
    TaskExplained {
        /// The task's index.
        task: u32,
        /// epydemix name of its population.
        population: String,
        /// Whether it will run.
        runs: bool,
        /// Why.
        reason: String,
    },
    /// A worker took a task.
    TaskStarted {
        /// The task's index.
        task: u32,
        /// Which attempt it is, from 1.
        attempt: u32,
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
    /// A task's simulations are over; its result is being stored.
    TaskSimulated {
        /// The task's index.
        task: u32,
    },
    /// A task's result is stored.
    TaskFinished {
        /// The task's index.
        task: u32,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// How long it took, in seconds.
        duration_secs: f64,
        /// The most memory that its process held, in MiB.
        peak_memory_mib: Option<f64>,
    },
    /// An attempt failed, and another follows.
    TaskRetried {
        /// The task's index.
        task: u32,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// How it ended.
        outcome: Outcome,
        /// What it is held against.
        blame: Option<Blame>,
        /// The error and its causes, outermost first.
        error: Vec<String>,
        /// How long until the next, in seconds.
        delay_secs: f64,
    },
    /// A task has no result and won't have one.
    TaskFailed {
        /// The task's index.
        task: u32,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// How it ended.
        outcome: Outcome,
        /// The error and its causes, outermost first.
        error: Vec<String>,
    },
    /// A task was ended with the run.
    TaskStopped {
        /// The task's index.
        task: u32,
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
    /// A stage ended.
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
