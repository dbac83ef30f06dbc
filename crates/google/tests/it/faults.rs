//! What a client does when servers misbehave.

use std::time::{Duration, Instant};

use epycloud_errors::{Diagnose as _, ExitCode, Secret};
use epycloud_google::batch::Job;
use epycloud_google::{Auth, Client, Endpoints, GoogleError, RetryPolicy, batch, executions};
use epycloud_test_support::google::{FakeGoogle, Fault, Misbehaviour, PLACE};
use serde_json::json;

use crate::support::{client, client_with, endpoints, place, policy, run};

fn with_a_job() -> FakeGoogle {
    let google = FakeGoogle::start();
    google.put_job(json!({ "name": format!("{PLACE}/jobs/j"), "uid": "u" }));
    google
}

fn read(client: &Client) -> Result<Job, GoogleError> {
    run(client.send(&batch::get_job(&place().job("j"))))
}

#[test]
fn what_is_temporary_is_tried_again() {
    for misbehaviour in [
        Misbehaviour::refusal(429, "RESOURCE_EXHAUSTED", "slow down"),
        Misbehaviour::refusal(408, "UNKNOWN", "x"),
        Misbehaviour::refusal(500, "INTERNAL", "x"),
        Misbehaviour::refusal(503, "UNAVAILABLE", "x"),
        Misbehaviour::Truncated,
        Misbehaviour::Lost,
    ] {
        let google = with_a_job();
        google.script(Fault::once("/jobs/j", misbehaviour.clone()).times(3));
        assert_eq!(read(&client(&google)).unwrap().uid, "u", "{misbehaviour:?}");
        assert_eq!(google.requests().len(), 4, "{misbehaviour:?}");
    }
}

#[test]
fn a_server_is_given_the_time_it_asks_for() {
    let google = with_a_job();
    google.script(Fault::once("/jobs/j", Misbehaviour::busy(503, 1)));
    let started = Instant::now();
    read(&client(&google)).unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_deadline_ends_what_does_not_pass() {
    let google = with_a_job();
    google.script(Fault::once("/jobs/j", Misbehaviour::busy(429, 600)).times(99));
    let started = Instant::now();
    let error = read(&client(&google)).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(error.exit_code(), ExitCode::Temporary);
    insta::assert_snapshot!(error, @"could not read job `j`: a quota is used up (too much to do)");
}

#[test]
fn a_slow_answer_is_given_up_and_asked_for_again() {
    let google = with_a_job();
    google.script(Fault::once(
        "/jobs/j",
        Misbehaviour::Slow(Duration::from_secs(5)),
    ));
    let hasty = RetryPolicy {
        request_timeout: Duration::from_millis(700),
        ..policy()
    };
    assert_eq!(read(&client_with(&google, hasty)).unwrap().uid, "u");
    assert_eq!(google.requests().len(), 2);
}

#[test]
fn what_will_not_pass_is_told_at_once_and_apart() {
    let cases = [
        (
            Misbehaviour::Status(
                403,
                json!({ "error": { "code": 403, "status": "PERMISSION_DENIED",
                    "message": "Permission 'batch.jobs.get' denied on resource" } }),
                None,
            ),
            ExitCode::Failed,
        ),
        (
            Misbehaviour::Status(
                403,
                json!({ "error": { "code": 403, "status": "PERMISSION_DENIED",
                    "message": "Batch API has not been used in project 1", "details": [{
                    "reason": "SERVICE_DISABLED", "metadata": { "service": "batch.googleapis.com" } }] } }),
                None,
            ),
            ExitCode::Failed,
        ),
        (
            Misbehaviour::refusal(404, "NOT_FOUND", "no such job"),
            ExitCode::Failed,
        ),
        (
            Misbehaviour::refusal(400, "INVALID_ARGUMENT", "no such field"),
            ExitCode::Failed,
        ),
        (
            Misbehaviour::refusal(409, "ALREADY_EXISTS", "it exists"),
            ExitCode::Failed,
        ),
        (
            Misbehaviour::Status(200, json!({ "labels": 7 }), None),
            ExitCode::Failed,
        ),
    ];
    let mut told = String::new();
    for (misbehaviour, code) in cases {
        let google = with_a_job();
        google.script(Fault::once("/jobs/j", misbehaviour));
        let error = read(&client(&google)).unwrap_err();
        assert_eq!(error.exit_code(), code);
        assert_eq!(google.requests().len(), 1);
        let hint = error.hint().unwrap_or_default();
        told.push_str(&format!("{error}\n  hint: {hint}\n"));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn nobody_there_is_temporary() {
    let closed = FakeGoogle::start();
    let nowhere = endpoints(&closed);
    drop(closed);
    let hasty = RetryPolicy {
        deadline: Duration::from_millis(300),
        ..policy()
    };
    let token = Secret::new("ya29.secret".into());
    let client = Client::with(Auth::fixed(token), nowhere, hasty).unwrap();
    let error = read(&client).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Temporary);
    assert!(matches!(error, GoogleError::Unreachable { .. }), "{error}");
    let all = format!(
        "{error} {error:?} {client:?} {:?}",
        epycloud_errors::chain(&error)
    );
    assert!(!all.contains("ya29"), "{all}");
}

#[test]
fn a_server_that_repeats_the_token_is_not_quoted() {
    let google = with_a_job();
    let message = format!("token {} is not yours", google.token());
    google.script(Fault::once(
        "/jobs/j",
        Misbehaviour::refusal(403, "X", &message),
    ));
    let error = read(&client(&google)).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("ya29"), "{error:?}");
}

#[test]
fn a_job_is_created_once_however_often_answers_are_lost() {
    let google = FakeGoogle::start();
    google.script(Fault::once("/jobs", Misbehaviour::Lost).times(2));
    google.script(Fault::once("/jobs", Misbehaviour::Truncated));
    let spec = json!({ "labels": {} });
    let mut request = batch::list_jobs(&place(), None);
    request.method = epycloud_google::Method::Post;
    request.query = vec![
        ("jobId", "once".into()),
        ("requestId", "0a1b2c3d-4e5f-4678-9abc-def012345678".into()),
    ];
    request.body = Some(spec);
    let job: Job = run(client(&google).send(&request)).unwrap();
    assert_eq!(job.id(), "once");
    let jobs: Vec<Job> =
        run(client(&google).list::<batch::Jobs>(&batch::list_jobs(&place(), None))).unwrap();
    assert_eq!(jobs.len(), 1);
}

#[test]
fn a_workflow_is_started_once_however_often_answers_are_lost() {
    for misbehaviour in [
        Misbehaviour::Lost,
        Misbehaviour::Truncated,
        Misbehaviour::refusal(503, "UNAVAILABLE", "x"),
    ] {
        let google = FakeGoogle::start();
        google.put_execution(json!({ "name": "other", "argument": "{\"runId\":\"other\"}" }));
        google.script(
            Fault::once("/executions", misbehaviour.clone())
                .method("POST")
                .times(2),
        );
        let workflow = place().workflow("w");
        let argument = json!({ "exp_id": "a", "runId": "one" });
        let labels = std::collections::BTreeMap::new();
        let client = client(&google);
        let begun = run(executions::submit(&client, &workflow, &argument, &labels)).unwrap();
        assert_eq!(begun.argument_text("runId").as_deref(), Some("one"));
        let all: Vec<_> =
            run(client.list::<executions::Executions>(&executions::list(&workflow, None))).unwrap();
        assert_eq!(all.len(), 2, "{misbehaviour:?}");
    }
}

#[test]
fn an_endpoint_of_google_is_never_plain() {
    for request in [
        batch::list_jobs(&place(), None),
        executions::get("projects/p/x"),
    ] {
        let url = request.url(&Endpoints::google()).unwrap();
        assert_eq!(url.scheme(), "https");
        assert!(url.host_str().unwrap().ends_with(".googleapis.com"));
    }
}
