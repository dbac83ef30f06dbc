//! What Batch answers of jobs, as far as it is read here.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tasks::TaskState;
use super::used_machine::{AnsweredAllocation, AnsweredInstance, AnsweredResource};
use crate::pages::page;
use crate::tolerant::{tolerant, whole};

tolerant! {
    /// How a job stands.
    JobState {
        /// It waits for machines.
        Queued = "QUEUED",
        /// It has machines, or nearly so.
        Scheduled = "SCHEDULED",
        /// Tasks run.
        Running = "RUNNING",
        /// All tasks succeeded.
        Succeeded = "SUCCEEDED",
        /// At least one task failed.
        Failed = "FAILED",
        /// It is being deleted.
        DeletionInProgress = "DELETION_IN_PROGRESS",
        /// It is being cancelled.
        CancellationInProgress = "CANCELLATION_IN_PROGRESS",
        /// It was cancelled.
        Cancelled = "CANCELLED",
    }
}

impl JobState {
    /// Whether it may still do something, and cost something.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Queued | Self::Scheduled | Self::Running)
    }

    /// Whether it ended, or will end, without success. A job that is cancelled or deleted has
    /// failed: nobody else will do its tasks.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Failed
                | Self::DeletionInProgress
                | Self::CancellationInProgress
                | Self::Cancelled
        )
    }
}

/// A job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Job {
    /// Its resource name.
    pub name: String,
    /// What its log entries are labelled with, as `job_uid`.
    pub uid: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// How it stands.
    pub status: JobStatus,
    /// When it was created (RFC 3339).
    pub create_time: Option<String>,
    /// When anything of it changed (RFC 3339).
    pub update_time: Option<String>,
    /// What its tasks are; there is one group.
    pub task_groups: Vec<AnsweredGroup>,
    /// On what they are to run.
    pub allocation_policy: AnsweredAllocation,
}

/// A group of tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AnsweredGroup {
    #[serde(deserialize_with = "whole")]
    task_count: u64,
    #[serde(deserialize_with = "whole")]
    pub(super) task_count_per_node: u64,
    task_environments: Vec<AnsweredEnvironment>,
    pub(super) task_spec: AnsweredSpec,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AnsweredSpec {
    pub(super) compute_resource: AnsweredResource,
    runnables: Vec<AnsweredRunnable>,
    environment: AnsweredEnvironment,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AnsweredRunnable {
    container: AnsweredContainer,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AnsweredContainer {
    image_uri: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct AnsweredEnvironment {
    variables: BTreeMap<String, String>,
}

/// How a job stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JobStatus {
    /// The state.
    pub state: JobState,
    /// What has happened to it, the oldest first.
    pub status_events: Vec<StatusEvent>,
    /// Its groups' tasks by state.
    pub task_groups: BTreeMap<String, GroupStatus>,
    /// How long it ran, such as `123.4s`.
    pub run_duration: Option<String>,
}

/// Something that happened to a job or a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StatusEvent {
    /// What.
    pub description: String,
    /// When (RFC 3339).
    pub event_time: Option<String>,
}

/// The tasks of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GroupStatus {
    pub(super) instances: Vec<AnsweredInstance>,
    counts: BTreeMap<String, Count>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Count(#[serde(deserialize_with = "whole")] u64);

/// How many tasks are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// All that the job has.
    pub all: u64,
    /// That succeeded.
    pub succeeded: u64,
    /// That failed.
    pub failed: u64,
    /// That run.
    pub running: u64,
}

impl Job {
    /// The last part of its name.
    #[must_use]
    pub fn id(&self) -> &str {
        super::last(&self.name)
    }

    /// A variable of its tasks' environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        let spec = &self.task_groups.first()?.task_spec;
        spec.environment.variables.get(name).map(String::as_str)
    }

    /// All variables of its tasks' environment.
    #[must_use]
    pub fn variables(&self) -> Option<&BTreeMap<String, String>> {
        let group = self.task_groups.first()?;
        Some(&group.task_spec.environment.variables)
    }

    /// The image of its tasks.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        let runnables = &self.task_groups.first()?.task_spec.runnables;
        Some(&runnables.first()?.container.image_uri)
    }

    /// Which tasks of the run its own are, in the order of its indices: what each is told, or else
    /// its index.
    #[must_use]
    pub fn run_tasks(&self) -> Vec<u32> {
        let Some(group) = self.task_groups.first() else {
            return Vec::new();
        };
        if group.task_environments.is_empty() {
            let count = u32::try_from(group.task_count).unwrap_or(u32::MAX);
            return (0..count).collect();
        }
        let told = group.task_environments.iter().zip(0..);
        told.map(|(own, index)| {
            let told = own.variables.get("TASK_INDEX");
            told.and_then(|text| text.parse().ok()).unwrap_or(index)
        })
        .collect()
    }

    /// The experiment, whole; the label, which may be cut, where the environment doesn't name it.
    #[must_use]
    pub fn experiment(&self) -> Option<&str> {
        self.variable("EXP_ID")
            .or_else(|| self.labels.get("exp_id").map(String::as_str))
    }

    /// The run, likewise.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.variable("RUN_ID")
            .or_else(|| self.labels.get("run_id").map(String::as_str))
    }

    /// The stage: `builder`, `runner` or `output`.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.labels.get("stage").map(String::as_str)
    }

    /// The image's tag, or the first digits of its digest.
    #[must_use]
    pub fn image_tag(&self) -> Option<String> {
        let image = self.image()?;
        if let Some((_, digest)) = image.split_once("@sha256:") {
            return Some(format!("sha256:{}", digest.get(..7).unwrap_or(digest)));
        }
        let file = super::last(image);
        match file.split_once(':') {
            _ if file.is_empty() => None,
            Some((_, tag)) => Some(tag.to_owned()),
            None => Some("latest".to_owned()),
        }
    }

    /// Its tasks by state.
    #[must_use]
    pub fn counts(&self) -> TaskCounts {
        let mut counts = TaskCounts::default();
        let mut known = 0;
        for group in self.status.task_groups.values() {
            for (state, count) in &group.counts {
                known += count.0;
                match TaskState::from(state.clone()) {
                    TaskState::Succeeded => counts.succeeded += count.0,
                    TaskState::Failed => counts.failed += count.0,
                    TaskState::Running => counts.running += count.0,
                    _ => {}
                }
            }
        }
        let asked: u64 = self.task_groups.iter().map(|group| group.task_count).sum();
        counts.all = asked.max(known);
        counts
    }

    /// What last happened to it.
    #[must_use]
    pub fn last_event(&self) -> Option<&StatusEvent> {
        self.status
            .status_events
            .iter()
            .max_by(|one, other| one.event_time.cmp(&other.event_time))
    }
}

page!(Jobs, jobs, "jobs", Job);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_whatever_else_it_holds() {
        let job: Job = serde_json::from_str(
            r#"{"name": "projects/p/locations/r/jobs/stage-b-1", "uid": "stage-b-1-u", "priority": "99",
                "labels": {"stage": "runner", "exp_id": "a-b"},
                "taskGroups": [{"taskCount": "20", "taskSpec": {
                    "runnables": [{"container": {"imageUri": "r/p/i:v1"}, "background": false}],
                    "environment": {"variables": {"EXP_ID": "a/B"}}}}],
                "status": {"state": "PAUSED", "statusEvents": [
                    {"description": "late", "eventTime": "2026-11-24T12:00:09Z"},
                    {"description": "early", "eventTime": "2026-11-24T12:00:01Z"}],
                  "taskGroups": {"group0": {"counts": {"SUCCEEDED": "7", "FAILED": 1, "NEW": "2"}}}}}"#,
        )
        .unwrap();
        assert_eq!(job.status.state, JobState::Other("PAUSED".into()));
        assert!(!job.status.state.is_active() && !job.status.state.is_failure());
        assert_eq!((job.id(), job.experiment()), ("stage-b-1", Some("a/B")));
        assert_eq!(job.image_tag().as_deref(), Some("v1"));
        assert_eq!(job.last_event().unwrap().description, "late");
        let counts = job.counts();
        assert_eq!((counts.all, counts.succeeded, counts.failed), (20, 7, 1));
        assert_eq!(serde_json::from_str::<Job>("{}").unwrap(), Job::default());
    }

    /// Lesson 13: a cancelled or deleted job counted as one to wait for.
    #[test]
    fn lesson_13_a_job_that_is_cancelled_or_deleted_has_failed() {
        for (state, is_active, is_failure) in [
            ("QUEUED", true, false),
            ("RUNNING", true, false),
            ("SUCCEEDED", false, false),
            ("FAILED", false, true),
            ("DELETION_IN_PROGRESS", false, true),
            ("CANCELLATION_IN_PROGRESS", false, true),
            ("CANCELLED", false, true),
        ] {
            let state = JobState::from(state.to_owned());
            assert_eq!(
                (state.is_active(), state.is_failure()),
                (is_active, is_failure),
                "{state}"
            );
        }
    }

    #[test]
    fn a_job_says_which_tasks_of_the_run_are_its_own() {
        let all: Job = serde_json::from_str(r#"{"taskGroups": [{"taskCount": "3"}]}"#).unwrap();
        assert_eq!(all.run_tasks(), [0, 1, 2]);
        let some: Job = serde_json::from_str(
            r#"{"taskGroups": [{"taskCount": "2", "taskEnvironments": [
                {"variables": {"TASK_INDEX": "4"}}, {"variables": {"TASK_INDEX": "17"}}]}]}"#,
        )
        .unwrap();
        assert_eq!(some.run_tasks(), [4, 17]);
        assert_eq!(Job::default().run_tasks(), [0; 0]);
    }
}
