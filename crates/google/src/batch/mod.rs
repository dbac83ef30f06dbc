//! Batch: jobs of many tasks on machines that come and go.
//!
//! Source: <https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs>

mod answers;
mod spec;
mod stage;
mod tasks;
mod used_machine;

use serde_json::json;

pub use answers::{
    AnsweredGroup, GroupStatus, Job, JobState, JobStatus, Jobs, StatusEvent, TaskCounts,
};
pub use spec::{
    Action, ActionCondition, AllocationPolicy, BootDisk, ComputeResource, Container, Environment,
    InstancePolicy, Instances, JobSpec, LifecyclePolicy, Location, LogsPolicy, NetworkInterface,
    NetworkPolicy, Runnable, ServiceAccount, TaskGroup, TaskSpec,
};
pub use stage::{
    HYPERDISK_MACHINES, JobLabels, Machine, Manager, Network, Provisioning, RunnerTasks, StageJob,
    StageTask, job_id,
};
pub use tasks::{Task, TaskEvent, TaskState, TaskStatus, Tasks};
pub use used_machine::{AnsweredAllocation, UsedMachine};

use crate::endpoints::Service;
use crate::place::Place;
use crate::request::{ApiRequest, Method};

fn request(method: Method, path: &str, purpose: String) -> ApiRequest {
    ApiRequest::new(Service::Batch, method, format!("v1/{path}"), purpose)
}

/// Creates a job. With one request ID it is created once, however often it is asked for.
#[must_use]
pub fn create_job(place: &Place, job_id: &str, request_id: &str, job: &JobSpec) -> ApiRequest {
    request(
        Method::Post,
        &format!("{}/jobs", place.path()),
        format!("create job `{job_id}`"),
    )
    .with("jobId", job_id)
    .with("requestId", request_id)
    .with_body(json!(job))
}

/// One job, by its resource name.
#[must_use]
pub fn get_job(name: &str) -> ApiRequest {
    request(Method::Get, name, format!("read job `{}`", last(name)))
}

/// The jobs of a place that a filter leaves, the newest first: a listing of [`Jobs`].
#[must_use]
pub fn list_jobs(place: &Place, filter: Option<&str>) -> ApiRequest {
    let all = request(
        Method::Get,
        &format!("{}/jobs", place.path()),
        "list Batch jobs".into(),
    )
    .with("pageSize", "200")
    .with("orderBy", "create_time desc");
    match filter {
        Some(filter) => all.with("filter", filter),
        None => all,
    }
}

/// Ends a job if it runs, and removes it with its tasks. Its log stays.
#[must_use]
pub fn delete_job(name: &str, request_id: &str, reason: &str) -> ApiRequest {
    request(Method::Delete, name, format!("delete job `{}`", last(name)))
        .with("reason", reason)
        .with("requestId", request_id)
}

/// The tasks of a job's only group: a listing of [`Tasks`].
#[must_use]
pub fn list_tasks(job: &str) -> ApiRequest {
    request(
        Method::Get,
        &format!("{job}/taskGroups/group0/tasks"),
        format!("list the tasks of job `{}`", last(job)),
    )
    .with("pageSize", "1000")
}

/// A filter for jobs that have all of these labels.
#[must_use]
pub fn with_labels(labels: &[(&str, &str)]) -> String {
    labels
        .iter()
        .map(|(name, value)| format!("labels.{name}=\"{value}\""))
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// The last part of a resource name.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
