//! Requests, compared with Google's own descriptions of its services.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, Stdio};

use epycloud_google::ApiRequest;
use epycloud_test_support::google::Recorded;
use serde::Serialize;
use serde_json::{Value, json};

use crate::requests;

/// A Python that has the emulator of workflows and the descriptions of services.
pub(crate) fn python() -> Option<OsString> {
    let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON");
    if python.is_none() {
        eprintln!("skipped: `EPYCLOUD_ORACLE_PYTHON` is not set");
    }
    python
}

/// Runs a program of `tests/python` with JSON as its input, and gives what it prints.
pub(crate) fn ask(python: &OsString, arguments: &[String], input: &Value) -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut program = Command::new(python)
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    stdin.write_all(input.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A request, as `discovery.py` reads it.
#[derive(Serialize)]
pub(crate) struct Sent {
    service: String,
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    body: Option<Value>,
}

impl From<&ApiRequest> for Sent {
    fn from(request: &ApiRequest) -> Self {
        let query = request.query.iter();
        Self {
            service: request.service.name().to_owned(),
            method: request.method.as_str().to_owned(),
            path: request.path.clone(),
            query: query
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            body: request.body.clone(),
        }
    }
}

impl From<&Recorded> for Sent {
    fn from(request: &Recorded) -> Self {
        let (service, path) = request.path[1..].split_once('/').unwrap();
        Self {
            service: service.to_owned(),
            method: request.method.clone(),
            path: path.to_owned(),
            query: request.query.iter().cloned().collect(),
            body: (!request.body.is_empty()).then(|| request.json()),
        }
    }
}

/// What of requests doesn't fit, a line each.
pub(crate) fn problems(python: &OsString, requests: &[Sent]) -> Value {
    ask(
        python,
        &["tests/python/discovery.py".into()],
        &json!(requests),
    )
}

/// What the documentation recommends and the description leaves out.
///
/// Source: <https://cloud.google.com/compute/docs/reference/rest/v1/machineTypes/aggregatedList>
const UNDESCRIBED: &str = "returnPartialSuccess";

#[test]
fn every_request_is_one_that_its_service_describes() {
    let Some(python) = python() else { return };
    let mut all: Vec<Sent> = requests::all().iter().map(Sent::from).collect();
    for request in &mut all {
        request.query.remove(UNDESCRIBED);
    }
    assert!(all.len() > 20);
    assert_eq!(problems(&python, &all), json!([]));
}

#[test]
fn what_doesnt_fit_is_found() {
    let Some(python) = python() else { return };
    let jobs = requests::stage_jobs();
    let mut job = Sent::from(&jobs[0]);
    let body = job.body.as_mut().unwrap();
    body["taskGroups"][0]["taskSpec"]["maxRunDuration"] = json!("1h");
    body["taskGroups"][0]["taskSpec"]["maxRetryCount"] = json!("3");
    body["taskGroups"][0]["tasks"] = json!(3);
    body["logsPolicy"]["destination"] = json!("NOWHERE");
    body["uid"] = json!("x");
    job.query.insert("jobid".into(), "x".into());
    let mut other = Sent::from(&jobs[0]);
    other.path = "v1/projects/p/jobs".into();
    let found = problems(&python, &[job, other]);
    let found: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    for told in [
        "maxRunDuration is '1h', not a google-duration",
        "maxRetryCount is '3', not of type integer",
        "taskGroups[0].tasks isn't there",
        "destination is 'NOWHERE', not one of",
        "uid is the service's to set",
        "there is no parameter jobid",
        "is no method of batch",
    ] {
        assert!(
            found.iter().any(|line| line.contains(told)),
            "{told}: {found:#?}"
        );
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}
