//! What happens to jobs from outside, and services that don't answer as they should.

use epycloud_test_support::google::{Fault, Misbehaviour};
use serde_json::json;

use crate::discovery::{self, Sent};

use super::lab::{EXECUTION, REASON, argument, failed, in_state, lab};

/// Lesson 13: a cancelled or deleted job was waited for, and a poll that ran out was a success.
#[test]
fn lesson_13_a_job_that_is_cancelled_or_deleted_fails_the_run() {
    for (state, told) in [
        ("CANCELLED", "was cancelled"),
        ("CANCELLATION_IN_PROGRESS", "was cancelled"),
        ("DELETION_IN_PROGRESS", "was deleted before it ended"),
    ] {
        let Some(lab) = lab(2) else { return };
        lab.play("stage-b-", vec![in_state("RUNNING"), in_state(state)]);
        let ended = lab.run(&argument(&json!({ "allowPartialResults": true })));
        assert!(ended.message().ends_with(told), "{}", ended.message());
        assert_eq!(lab.stages(), ["builder", "runner"]);
    }
}

#[test]
fn a_job_that_is_gone_fails_the_run() {
    let Some(lab) = lab(2) else { return };
    let gone = Misbehaviour::refusal(404, "NOT_FOUND", "no such job");
    lab.google
        .script(Fault::once("jobs/stage-b-", gone).method("GET"));
    let ended = lab.run(&argument(&json!({})));
    assert!(ended.message().ends_with("was deleted before it ended"));
}

#[test]
fn lesson_13_a_job_that_never_ends_is_cancelled_and_a_failure() {
    let Some(lab) = lab(30) else { return };
    lab.play("stage-b-", vec![in_state("RUNNING")]);
    let ended = lab.run(&argument(&json!({
        "maxParallelism": 10, "stageBMaxRunDuration": "600s", "stageBCpuMilli": 1000,
    })));
    assert!(
        ended.message().contains("was still RUNNING after"),
        "{ended:?}"
    );
    // Two days for machines, and three waves of four attempts of 600 s.
    let limit = 172_800.0 + 3.0 * 4.0 * 600.0;
    assert!(
        (limit..limit + 1_000.0).contains(&ended.waited),
        "{ended:?}"
    );
    let path = format!("jobs/stage-b-{EXECUTION}:cancel");
    assert_eq!(lab.google.requests_to(&path).len(), 1);
    assert!(ended.steps < 10_000, "{ended:?}");
}

#[test]
fn a_job_that_fails_without_its_tasks_fails_the_run() {
    let Some(lab) = lab(2) else { return };
    lab.play("stage-b-", vec![failed(&[])]);
    let ended = lab.run(&argument(&json!({ "allowPartialResults": true })));
    assert!(ended.message().ends_with("failed, but none of its tasks"));
    assert_eq!(ended.error.unwrap()["reason"], REASON);
}

/// Tasks that never ran are lost with their machines: they are submitted again.
#[test]
fn tasks_that_never_ran_are_submitted_again() {
    let Some(lab) = lab(3) else { return };
    let mut end = failed(&[(0, &[1]), (2, &[])]);
    end["fakeTasks"][1]["status"] = json!({ "state": "UNEXECUTED" });
    lab.play_runners(vec![end]);
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.failed_tasks(), [0; 0]);
    let again = &lab.google.jobs()[2]["taskGroups"][0]["taskEnvironments"];
    assert_eq!(again.as_array().unwrap().len(), 2);
}

#[test]
fn what_may_pass_is_waited_for() {
    let Some(lab) = lab(2) else { return };
    for fault in [
        Fault::once("jobs/stage-b-", Misbehaviour::busy(503, 1)).times(6),
        Fault::once("tasks.json", Misbehaviour::busy(429, 1)),
        Fault::once("jobs/stage-a-", Misbehaviour::Lost),
        Fault::once("jobs/stage-c-", Misbehaviour::Truncated),
    ] {
        lab.google.script(fault.method("GET"));
    }
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.failed_tasks(), [0; 0]);
    // 5, 10, 20, 40, 80 and 160 s for stage B alone.
    assert!(ended.waited > 315.0, "{ended:?}");
}

#[test]
fn a_service_that_stays_away_fails_the_run_after_an_hour() {
    let Some(lab) = lab(2) else { return };
    let away = Fault::once("jobs/stage-a-", Misbehaviour::busy(503, 1));
    lab.google.script(away.times(100).method("GET"));
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.error.as_ref().unwrap()["code"], 503);
    assert!((3_600.0..7_200.0).contains(&ended.waited), "{ended:?}");
}

#[test]
fn what_is_refused_isnt_asked_again() {
    let Some(lab) = lab(2) else { return };
    let denied = Misbehaviour::refusal(403, "PERMISSION_DENIED", "batch.jobs.create");
    lab.google
        .script(Fault::once("/jobs", denied).method("POST"));
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.error.as_ref().unwrap()["code"], 403);
    assert_eq!(lab.google.requests_to("/jobs").len(), 1);
}

/// The answers are lost, the jobs are made: asking again finds them.
#[test]
fn a_lost_answer_makes_no_second_job() {
    let Some(lab) = lab(2) else { return };
    let lost = Fault::once("/jobs", Misbehaviour::Lost).times(2);
    lab.google.script(lost.method("POST"));
    lab.run(&argument(&json!({}))).result();
    assert_eq!(lab.stages(), ["builder", "runner", "output"]);
}

#[test]
fn what_happens_is_in_the_log() {
    let Some(lab) = lab(3) else { return };
    lab.play_runners(vec![failed(&[(2, &[1])])]);
    let ended = lab.run(&argument(&json!({})));
    let again = "WARNING 1 of 3 tasks failed and are submitted again";
    assert!(ended.log.iter().any(|line| line == again), "{ended:?}");
    let name = "projects/my-project/locations/us-central1/jobs";
    let built = format!("INFO {name}/stage-a-{EXECUTION} is SUCCEEDED after 20 s");
    assert!(ended.log.contains(&built), "{ended:?}");
}

/// Everything that the workflow asks, also where things go wrong.
#[test]
fn its_requests_are_those_that_the_services_describe() {
    let Some(lab) = lab(3) else { return };
    lab.google.set_page_size(1);
    lab.play_runners(vec![failed(&[(1, &[50001]), (2, &[1])])]);
    lab.play("stage-c-", vec![in_state("RUNNING")]);
    let ended = lab.run(&argument(&json!({ "stageBProvisioning": "SPOT" })));
    assert!(ended.message().contains("was still RUNNING"), "{ended:?}");
    let mut requests = lab.google.requests();
    requests.dedup_by_key(|request| (request.path.clone(), request.query.clone()));
    let sent: Vec<Sent> = requests.iter().map(Sent::from).collect();
    assert!(sent.len() > 12, "{}", sent.len());
    assert_eq!(discovery::problems(&lab.python, &sent), json!([]));
}
