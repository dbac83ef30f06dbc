//! Executions of workflows.
//!
//! Source: <https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions>

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::client::Client;
use crate::endpoints::Service;
use crate::pages::page;
use crate::request::{ApiRequest, Method};
use crate::tolerant::tolerant;

tolerant! {
    /// How an execution stands.
    ExecutionState {
        /// It runs.
        Active = "ACTIVE",
        /// It came to its end.
        Succeeded = "SUCCEEDED",
        /// It failed.
        Failed = "FAILED",
        /// It was cancelled.
        Cancelled = "CANCELLED",
        /// Its data can't be had.
        Unavailable = "UNAVAILABLE",
        /// It waits for others to end.
        Queued = "QUEUED",
    }
}

impl ExecutionState {
    /// Whether it may still do something.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active | Self::Queued)
    }
}

/// An execution.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Execution {
    /// Its resource name.
    pub name: String,
    /// How it stands.
    pub state: ExecutionState,
    /// What it was given: a JSON text. Listings have it in their full view alone.
    pub argument: Option<String>,
    /// What it returned: a JSON text.
    pub result: Option<String>,
    /// Why it failed.
    pub error: Option<ExecutionError>,
    /// When it was created (RFC 3339).
    pub create_time: Option<String>,
    /// When it began (RFC 3339).
    pub start_time: Option<String>,
    /// When it ended (RFC 3339).
    pub end_time: Option<String>,
    /// The workflow's revision.
    pub workflow_revision_id: String,
    /// What it is doing.
    pub status: ExecutionStatus,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// Why an execution failed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExecutionError {
    /// What was raised: a JSON text.
    pub payload: String,
    /// In words.
    pub context: String,
}

/// What an execution is doing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExecutionStatus {
    /// The steps, outermost first.
    pub current_steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Step {
    /// The subworkflow.
    pub routine: String,
    /// Its name.
    pub step: String,
}

impl Execution {
    /// The last part of its name.
    #[must_use]
    pub fn id(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// What it was given.
    #[must_use]
    pub fn arguments(&self) -> Option<Value> {
        serde_json::from_str(self.argument.as_deref()?).ok()
    }

    /// A text among its arguments.
    #[must_use]
    pub fn argument_text(&self, name: &str) -> Option<String> {
        self.arguments()?[name].as_str().map(str::to_owned)
    }

    /// What it returned.
    #[must_use]
    pub fn results(&self) -> Option<Value> {
        serde_json::from_str(self.result.as_deref()?).ok()
    }

    /// When it began, or was created.
    #[must_use]
    pub fn began(&self) -> Option<&str> {
        self.start_time.as_deref().or(self.create_time.as_deref())
    }
}

page!(Executions, executions, "executions", Execution);

fn request(method: Method, path: &str, purpose: impl Into<String>) -> ApiRequest {
    let path = format!("v1/{path}");
    ApiRequest::new(Service::WorkflowExecutions, method, path, purpose)
}

/// Starts a workflow. `argument` is what it is given. The API knows no request ID, so this isn't
/// repeated blindly; see [`submit`].
#[must_use]
pub fn create(workflow: &str, argument: &Value, labels: &BTreeMap<String, String>) -> ApiRequest {
    let mut body = json!({ "argument": argument.to_string() });
    if !labels.is_empty() {
        body["labels"] = json!(labels);
    }
    request(
        Method::Post,
        &format!("{workflow}/executions"),
        "start the workflow",
    )
    .with_body(body)
    .only_if_refused()
}

/// One execution, whole.
#[must_use]
pub fn get(name: &str) -> ApiRequest {
    request(Method::Get, name, format!("read execution `{}`", id(name))).with("view", "FULL")
}

/// A workflow's executions with their arguments, the newest first: a listing of [`Executions`].
#[must_use]
pub fn list(workflow: &str, filter: Option<&str>) -> ApiRequest {
    let all = request(
        Method::Get,
        &format!("{workflow}/executions"),
        "list the workflow's executions",
    )
    .with("pageSize", "100")
    .with("view", "FULL");
    match filter {
        Some(filter) => all.with("filter", filter),
        None => all,
    }
}

/// Cancels an execution. What it has started goes on.
#[must_use]
pub fn cancel(name: &str) -> ApiRequest {
    request(
        Method::Post,
        &format!("{name}:cancel"),
        format!("cancel execution `{}`", id(name)),
    )
    .with_body(json!({}))
}

fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Starts a workflow once. Where an answer is lost, the executions are looked at before another
/// attempt: one that was given the same argument is the one that was asked for. The argument must
/// be unlike any other, as one with a new run ID is.
///
/// # Errors
///
/// See [`GoogleError`](crate::GoogleError).
pub async fn submit(
    client: &Client,
    workflow: &str,
    argument: &Value,
    labels: &BTreeMap<String, String>,
) -> Result<Execution> {
    let request = create(workflow, argument, labels);
    let started = Instant::now();
    let mut attempt = 0;
    loop {
        let error = match client.send(&request).await {
            Err(error) if error.is_unclear() => error,
            ended => return ended,
        };
        let delay = client.policy().delay(attempt, None);
        if started.elapsed() + delay >= client.policy().deadline {
            return Err(error);
        }
        tokio::time::sleep(delay).await;
        let is_it = |known: &Execution| known.arguments().as_ref() == Some(argument);
        let listed = list(workflow, None);
        let found = client.list_some::<Executions>(&listed, is_it, 1).await?;
        if let Some(known) = found.into_iter().next() {
            return Ok(known);
        }
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_read_whatever_else_it_holds() {
        let execution: Execution = serde_json::from_str(
            r#"{"name": "projects/p/locations/r/workflows/w/executions/abc", "state": "RESTING",
                "argument": "{\"exp_id\": \"a/b\"}", "result": "not json", "callLogLevel": "LOG_NONE",
                "status": {"currentSteps": [{"routine": "main", "step": "wait"}]}}"#,
        )
        .unwrap();
        assert_eq!(execution.id(), "abc");
        assert_eq!(execution.state.as_str(), "RESTING");
        assert_eq!(execution.argument_text("exp_id").as_deref(), Some("a/b"));
        assert_eq!(execution.results(), None);
        assert_eq!(execution.status.current_steps[0].step, "wait");
    }
}
