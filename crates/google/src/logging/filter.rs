//! Filters of log entries.
//!
//! Source of the language: <https://cloud.google.com/logging/docs/view/logging-query-language>

use epycloud_config::{ExpId, RunId, Stage, TaskIndex};
use jiff::Timestamp;

use super::entry::Severity;
use crate::labels::label_value;
use crate::place::Place;

/// Which entries of the stages' log are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobLog {
    /// Of this experiment.
    pub exp_id: Option<ExpId>,
    /// Of this run.
    pub run_id: Option<RunId>,
    /// Of this stage.
    pub stage: Option<Stage>,
    /// Of this task of stage B.
    pub task_index: Option<TaskIndex>,
    /// Of the Batch job whose ID begins so.
    pub job: Option<String>,
    /// Of the jobs of the workflow's execution with this ID.
    pub execution: Option<String>,
    /// As grave as this, or more.
    pub level: Option<Severity>,
    /// From then on.
    pub since: Option<Timestamp>,
}

impl JobLog {
    /// The filter. Stage, experiment and run are found by the labels of the job, which Batch puts
    /// on all its entries.
    #[must_use]
    pub fn filter(&self) -> String {
        let mut parts = vec![equals("resource.type", "batch.googleapis.com/Job")];
        let label = |name: &str, text: &str| equals(&format!("labels.{name}"), &label_value(text));
        parts.extend(self.exp_id.iter().map(|id| label("exp_id", id.as_str())));
        parts.extend(self.run_id.iter().map(|id| label("run_id", id.as_str())));
        parts.extend(
            self.stage
                .iter()
                .map(|stage| label("stage", stage.as_str())),
        );
        parts.extend(self.task_index.map(task));
        parts.extend(
            self.job
                .iter()
                .map(|job| matches("labels.job_uid", &format!("^{}", escaped(job)))),
        );
        // The workflow calls its jobs after the first eight digits of its own ID.
        parts.extend(self.execution.iter().map(|id| {
            let id = id.rsplit('/').next().unwrap_or(id);
            let digits = id.get(..8).unwrap_or(id);
            matches("labels.job_uid", &format!("^stage-.-{}", escaped(digits)))
        }));
        parts.extend(
            self.level
                .iter()
                .map(|level| format!("severity>={}", level.as_str())),
        );
        parts.extend(self.since.map(|time| format!("timestamp>=\"{time}\"")));
        parts.join(" AND ")
    }
}

/// A task of stage B: one of a job of many, or one that says which it is.
fn task(index: TaskIndex) -> String {
    let of_many = matches("labels.task_id", &format!("-group0-{index}/"));
    format!("(jsonPayload.task_index={index} OR ({of_many} AND NOT jsonPayload.task_index:*))")
}

/// The entries of an execution of a workflow.
#[must_use]
pub fn workflow_filter(
    place: &Place,
    workflow: &str,
    execution: &str,
    level: Option<&Severity>,
) -> String {
    let id = execution.rsplit('/').next().unwrap_or(execution);
    let mut parts = vec![
        equals("resource.type", "workflows.googleapis.com/Workflow"),
        equals("resource.labels.workflow_id", workflow),
        equals("resource.labels.location", place.region.as_str()),
        equals("labels.\"workflows.googleapis.com/execution_id\"", id),
    ];
    parts.extend(level.map(|level| format!("severity>={}", level.as_str())));
    parts.join(" AND ")
}

fn equals(field: &str, text: &str) -> String {
    format!("{field}=\"{}\"", quoted(text))
}

fn matches(field: &str, expression: &str) -> String {
    format!("{field}=~\"{}\"", quoted(expression))
}

/// A text inside quotation marks.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A text in a regular expression that means itself.
fn escaped(text: &str) -> String {
    let mut expression = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_ascii_alphanumeric() && character != '-' && character != '_' {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lesson 18: stage B was looked for under a value that nobody writes.
    #[test]
    fn lesson_18_stages_are_found_by_the_labels_that_are_written() {
        let log = JobLog {
            exp_id: Some("202547/SMC".parse().unwrap()),
            stage: Some(Stage::Runner),
            ..JobLog::default()
        };
        assert_eq!(
            log.filter(),
            "resource.type=\"batch.googleapis.com/Job\" AND labels.exp_id=\"202547-smc\" \
             AND labels.stage=\"runner\""
        );
    }

    #[test]
    fn nothing_leaves_its_quotation_marks() {
        let log = JobLog {
            job: Some("a\" OR \"b.c".into()),
            execution: Some("projects/p/…/executions/0a1b2c3d-4e5f".into()),
            level: Some(Severity::Warning),
            ..JobLog::default()
        };
        insta::assert_snapshot!(log.filter());
    }
}
