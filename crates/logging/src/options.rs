//! What the log is told at the start.

use epycloud_config::{ExecutionMode, ExpId, LogLevel, RunId, Stage, TaskIndex};

/// What each line of the log belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageContext {
    /// The stage that runs.
    pub stage: Stage,
    /// The experiment.
    pub exp_id: Option<ExpId>,
    /// The run.
    pub run_id: Option<RunId>,
    /// The task, in stage B.
    pub task_index: Option<TaskIndex>,
}

/// How to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    /// Cloud: lines of JSON. Local: lines for people.
    pub mode: ExecutionMode,
    /// The least severe that is logged.
    pub level: LogLevel,
    /// What the lines belong to; `None` outside of a stage. A span or event whose fields have
    /// these names (`stage`, `exp_id`, `run_id`, `task_index`) says otherwise for itself.
    pub context: Option<StageContext>,
}
