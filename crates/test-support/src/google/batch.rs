//! Batch: jobs that are created, read, cancelled and deleted, and their tasks.

use serde_json::{Value, json};

use super::requests::Recorded;
use super::services::{Served, absent, find, of_query, page};
use super::state::State;

pub(super) fn batch(state: &mut State, request: &Recorded, path: &str) -> Served {
    let path = path.trim_start_matches("v1/");
    if let Some((job, index)) = path.split_once("/taskGroups/group0/tasks") {
        let tasks = tasks(&find(&state.jobs, job)?);
        return match index.strip_prefix('/') {
            Some(_) => find(&tasks, path),
            None => tasks_page(state, request, &tasks),
        };
    }
    if let Some(job) = path.strip_suffix(":cancel") {
        find(&state.jobs, job)?;
        state.change(
            job,
            &json!({ "status": { "state": "CANCELLATION_IN_PROGRESS" } }),
        );
        return Ok(json!({ "name": format!("{job}-cancellation"), "done": false }));
    }
    match (request.method.as_str(), path.strip_suffix("/jobs")) {
        ("POST", Some(place)) => create_job(state, request, place),
        ("GET", Some(_)) => {
            let newest_first: Vec<Value> = state.jobs.iter().rev().cloned().collect();
            page(state, request, "jobs", &newest_first, of_query(request))
        }
        ("GET", None) => {
            find(&state.jobs, path)?;
            state.next_play(path);
            find(&state.jobs, path)
        }
        ("DELETE", None) => {
            find(&state.jobs, path)?;
            state.change(
                path,
                &json!({ "status": { "state": "DELETION_IN_PROGRESS" } }),
            );
            Ok(json!({ "name": format!("{path}-deletion"), "done": false }))
        }
        _ => Err(absent(path)),
    }
}

fn create_job(state: &mut State, request: &Recorded, place: &str) -> Served {
    let id = request.query("jobId").unwrap_or("generated");
    let name = format!("{place}/jobs/{id}");
    let mut job = request.json();
    job["requestId"] = json!(request.query("requestId"));
    if let Ok(known) = find(&state.jobs, &name) {
        // The same request again is no second job.
        let is_same = !job["requestId"].is_null() && known["requestId"] == job["requestId"];
        return is_same.then_some(known).ok_or_else(|| {
            (
                409,
                "ALREADY_EXISTS",
                format!("Resource '{name}' already exists"),
            )
        });
    }
    job["name"] = json!(name);
    job["uid"] = json!(format!("{id}-uid"));
    job["status"] = json!({ "state": "QUEUED" });
    job["createTime"] = json!("2026-11-24T12:00:00Z");
    state.jobs.push(job.clone());
    Ok(job)
}

/// A job's tasks, each with a resource name.
fn tasks(job: &Value) -> Vec<Value> {
    let mut tasks = job["fakeTasks"].as_array().cloned().unwrap_or_default();
    for task in &mut tasks {
        let name = task["name"].as_str().unwrap_or_default();
        let index = name.rsplit('/').next().unwrap_or_default();
        let group = format!(
            "{}/taskGroups/group0",
            job["name"].as_str().unwrap_or_default()
        );
        task["name"] = json!(format!("{group}/tasks/{index}"));
    }
    tasks
}

/// A page of tasks. Their filter is a language of its own: `State=FAILED`.
fn tasks_page(state: &State, request: &Recorded, tasks: &[Value]) -> Served {
    let (filter, token) = of_query(request);
    let wanted = filter.and_then(|filter| filter.strip_prefix("State="));
    if filter.is_some() && wanted.is_none() {
        return Err((400, "INVALID_ARGUMENT", "not a filter of tasks".into()));
    }
    let is_wanted = |task: &&Value| wanted.is_none_or(|state| task["status"]["state"] == state);
    let left: Vec<Value> = tasks.iter().filter(is_wanted).cloned().collect();
    page(state, request, "tasks", &left, (None, token))
}
