//! What each service answers.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::batch::batch;
use super::faults::refusal;
use super::fields;
use super::filter::leaves;
use super::requests::Recorded;
use super::state::State;

/// A status and a body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) body: Value,
    pub(super) wait: Option<u32>,
}

pub(super) type Served = Result<Value, (u16, &'static str, String)>;

pub(super) fn answer(state: &mut State, request: &Recorded) -> Answer {
    let served = serve(state, request);
    let (code, body) = match served {
        Ok(body) => (200, fields::asked(request.query("fields"), body)),
        Err((code, status, message)) => (code, refusal(code, status, &message)),
    };
    Answer {
        code,
        body,
        wait: None,
    }
}

fn serve(state: &mut State, request: &Recorded) -> Served {
    if request.path.starts_with("/computeMetadata/v1/") {
        return metadata(state, request);
    }
    if !state.takes(request) {
        return Err((401, "UNAUTHENTICATED", "the token is not valid".into()));
    }
    let (service, path) = request.path[1..].split_once('/').unwrap_or_default();
    match service {
        "batch" => batch(state, request, path),
        "workflowexecutions" => executions(state, request, path),
        "workflows" => Ok(
            json!({ "name": path.trim_start_matches("v1/"), "state": "ACTIVE",
            "revisionId": "000001-abc", "serviceAccount": "workflows-runner" }),
        ),
        "logging" => entries(state, request),
        "cloudbuild" => builds(state, request, path),
        "secretmanager" => secret(state, path),
        "compute" => Ok(machine_types(request)),
        "storage" => object(state, request, path),
        _ => Err(absent(path)),
    }
}

pub(super) fn absent(what: &str) -> (u16, &'static str, String) {
    (404, "NOT_FOUND", format!("Resource '{what}' was not found"))
}

fn metadata(state: &State, request: &Recorded) -> Served {
    if request.header("metadata-flavor") != Some("Google") {
        return Err((403, "PERMISSION_DENIED", "Missing Metadata-Flavor".into()));
    }
    if request.path.ends_with("/service-accounts/default/token") {
        return Ok(json!({
            "access_token": state.token(), "expires_in": 3_599, "token_type": "Bearer"
        }));
    }
    Err(absent(&request.path))
}

/// One page of a listing, in the order given.
pub(super) fn page(
    state: &State,
    request: &Recorded,
    list: &str,
    items: &[Value],
    (filter, token): (Option<&str>, Option<&str>),
) -> Served {
    let mut found = Vec::new();
    for item in items {
        let is_left = filter.map_or(Ok(true), |filter| leaves(filter, item));
        match is_left {
            Ok(true) => found.push(item.clone()),
            Ok(false) => {}
            Err(message) => return Err((400, "INVALID_ARGUMENT", message)),
        }
    }
    let start = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let asked = request
        .query("pageSize")
        .and_then(|size| size.parse().ok())
        .unwrap_or(state.page_size);
    let end = (start + state.page_size.min(asked)).min(found.len());
    let mut body = json!({ list: found[start.min(end)..end] });
    if end < found.len() {
        body["nextPageToken"] = json!(end.to_string());
    }
    Ok(body)
}

pub(super) fn of_query(request: &Recorded) -> (Option<&str>, Option<&str>) {
    (request.query("filter"), request.query("pageToken"))
}

pub(super) fn find(items: &[Value], name: &str) -> Served {
    let found = items.iter().find(|item| item["name"] == name);
    found.cloned().ok_or_else(|| absent(name))
}

fn executions(state: &mut State, request: &Recorded, path: &str) -> Served {
    let path = path.trim_start_matches("v1/");
    if let Some(name) = path.strip_suffix(":cancel") {
        let execution = find(&state.executions, name)?;
        if execution["state"] != "ACTIVE" {
            let message = "execution is not in state ACTIVE".into();
            return Err((400, "FAILED_PRECONDITION", message));
        }
        state.change(name, &json!({ "state": "CANCELLED" }));
        return find(&state.executions, name);
    }
    match (request.method.as_str(), path.strip_suffix("/executions")) {
        ("POST", Some(workflow)) => Ok(create_execution(state, request, workflow)),
        ("GET", Some(_)) => {
            let mut items = state.executions.clone();
            if request.query("view") != Some("FULL") {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    item.remove("argument");
                }
            }
            page(state, request, "executions", &items, of_query(request))
        }
        ("GET", None) => {
            find(&state.executions, path)?;
            state.next_play(path);
            find(&state.executions, path)
        }
        _ => Err(absent(path)),
    }
}

fn create_execution(state: &mut State, request: &Recorded, workflow: &str) -> Value {
    state.created += 1;
    let mut execution = request.json();
    let id = format!("{:08x}-0000-4000-8000-000000000000", state.created);
    execution["name"] = json!(format!("{workflow}/executions/{id}"));
    execution["state"] = json!("ACTIVE");
    execution["startTime"] = json!("2026-11-24T12:00:00Z");
    state.executions.insert(0, execution.clone());
    execution
}

fn entries(state: &State, request: &Recorded) -> Served {
    let body = request.json();
    let mut log = state.log.clone();
    log.sort_by_key(|entry| entry["timestamp"].to_string());
    if body["orderBy"] == "timestamp desc" {
        log.reverse();
    }
    let of_body = (body["filter"].as_str(), body["pageToken"].as_str());
    page(state, request, "entries", &log, of_body)
}

fn builds(state: &mut State, request: &Recorded, path: &str) -> Served {
    let path = path.trim_start_matches("v1/");
    match (request.method.as_str(), path.strip_suffix("/builds")) {
        ("POST", Some(_)) => {
            let mut build = request.json();
            build["id"] = json!(format!("build-{}", state.builds.len() + 1));
            build["status"] = json!(state.build_status);
            state.builds.insert(0, build.clone());
            Ok(json!({ "name": "operations/build/x", "metadata": { "build": build } }))
        }
        ("GET", Some(_)) => page(state, request, "builds", &state.builds, of_query(request)),
        _ => {
            let id = path.rsplit('/').next().unwrap_or_default();
            let found = state.builds.iter().find(|build| build["id"] == id);
            found.cloned().ok_or_else(|| absent(path))
        }
    }
}

fn secret(state: &State, path: &str) -> Served {
    let name = path.split('/').nth(4).unwrap_or_default();
    let value = state.secrets.get(name).ok_or_else(|| absent(path))?;
    Ok(json!({ "name": path, "payload": { "data": BASE64_STANDARD.encode(value) } }))
}

/// The content of an object, whose path is one segment of the address.
fn object(state: &State, request: &Recorded, path: &str) -> Served {
    let found = path
        .strip_prefix("storage/v1/b/")
        .and_then(|path| path.split_once("/o/"))
        .filter(|_| request.query("alt") == Some("media"))
        .and_then(|(bucket, object)| state.objects.get(&format!("{bucket}/{object}")));
    found.cloned().ok_or_else(|| absent(path))
}

fn machine_types(request: &Recorded) -> Value {
    let machine = |name: &str, cpus: u32, memory: u32, architecture: &str| json!({ "name": name, "guestCpus": cpus, "memoryMb": memory, "architecture": architecture });
    match request.query("pageToken") {
        None => json!({
            "items": { "zones/us-central1-a": { "machineTypes": [
                machine("n9-standard-4", 4, 16_384, "X86_64"),
                machine("t2a-standard-1", 1, 4_096, "ARM64"),
            ]}},
            "nextPageToken": "second"
        }),
        Some(_) => json!({ "items": {
            "zones/europe-west4-a": { "machineTypes": [machine("x1-huge-2", 2, 99, "X86_64")] },
            "zones/us-central1-b": { "machineTypes": [machine("n9-standard-8", 8, 32_768, "X86_64")] },
            "zones/us-central1-c": { "warning": { "code": "NO_RESULTS_ON_PAGE" } },
        }}),
    }
}
