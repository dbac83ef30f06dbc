//! What Batch answers of a job's tasks, as far as it is read here.

use serde::Deserialize;

use crate::pages::page;
use crate::tolerant::tolerant;

tolerant! {
    /// How a task stands.
    TaskState {
        /// It waits for a machine.
        Pending = "PENDING",
        /// It has a machine.
        Assigned = "ASSIGNED",
        /// It runs.
        Running = "RUNNING",
        /// It failed.
        Failed = "FAILED",
        /// It succeeded.
        Succeeded = "SUCCEEDED",
        /// It isn't going to run.
        Unexecuted = "UNEXECUTED",
    }
}

/// A task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Task {
    /// Its resource name, which ends in its index.
    pub name: String,
    /// How it stands.
    pub status: TaskStatus,
}

/// How a task stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TaskStatus {
    /// The state.
    pub state: TaskState,
    /// What has happened to it; an exit code is in `taskExecution`.
    pub status_events: Vec<TaskEvent>,
}

/// Something that happened to a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TaskEvent {
    /// What.
    pub description: String,
    /// When (RFC 3339).
    pub event_time: Option<String>,
    /// What the task was from then on.
    pub task_state: TaskState,
    task_execution: Option<TaskExecution>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct TaskExecution {
    exit_code: i32,
}

impl Task {
    /// Which of the job's tasks it is.
    #[must_use]
    pub fn index(&self) -> Option<u32> {
        super::last(&self.name).parse().ok()
    }

    /// The exit codes of its executions that have ended, the oldest first. Batch leaves a zero out.
    #[must_use]
    pub fn exit_codes(&self) -> Vec<i32> {
        let events = self.status.status_events.iter();
        events
            .filter_map(|event| event.task_execution.as_ref())
            .map(|execution| execution.exit_code)
            .collect()
    }

    /// The exit code of its last execution.
    #[must_use]
    pub fn exit_code(&self) -> Option<i32> {
        self.exit_codes().last().copied()
    }

    /// What last happened to it.
    #[must_use]
    pub fn last_event(&self) -> Option<&TaskEvent> {
        self.status.status_events.last()
    }
}

page!(Tasks, tasks, "tasks", Task);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_s_exit_code_is_its_last_execution_s() {
        let task: Task = serde_json::from_str(
            r#"{"name": "projects/p/locations/r/jobs/j/taskGroups/group0/tasks/3", "status": {
                "state": "FAILED", "statusEvents": [
                {"description": "x", "taskExecution": {"exitCode": 75}},
                {"description": "y", "taskExecution": {"exitCode": 3}}, {"description": "z"}]}}"#,
        )
        .unwrap();
        assert_eq!((task.index(), task.exit_code()), (Some(3), Some(3)));
        assert_eq!(task.exit_codes(), [75, 3]);
    }
}
