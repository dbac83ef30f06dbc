//! `epycloud run … --wait` in the cloud.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use epycloud_test_support::google::{Fault, Misbehaviour};
use serde_json::{Value, json};

use crate::lab::{Lab, RUN, Ran, interrupt};

const JOB: [&str; 10] = [
    "run",
    "job",
    "--exp-id",
    "202547/My_Flu",
    "--run-id",
    "try-1",
    "--stage",
    "B",
    "--task-index",
    "3",
];
const WAIT: [&str; 5] = ["--yes", "--no-validate", "--wait", "--poll", "0.02"];
/// The first execution that the fake begins.
const EXECUTION: &str = "00000001-0000-4000-8000-000000000000";

fn run(lab: &Lab, command: &[&str], more: &[&str]) -> Ran {
    lab.run(&[command, &WAIT, more].concat())
}

/// An entry in the log of the execution's stage B.
fn log(lab: &Lab, id: &str, severity: &str, message: &str) {
    lab.google.put_log(json!({
        "insertId": id,
        "timestamp": format!("2026-11-24T12:00:0{id}Z"),
        "receiveTimestamp": format!("2026-11-24T12:00:0{id}Z"),
        "severity": severity,
        "resource": { "type": "batch.googleapis.com/Job" },
        "labels": { "stage": "runner", "job_uid": "stage-b-00000001-uid",
            "task_id": "task/stage-b-00000001-uid-group0-7/0/0" },
        "textPayload": message,
    }));
}

fn with_a_log() -> Lab {
    let lab = Lab::new();
    let active = json!({ "state": "ACTIVE" });
    let states = vec![active.clone(), active, json!({ "state": "SUCCEEDED" })];
    lab.google.play("/executions/", states);
    log(&lab, "1", "INFO", "simulating");
    log(&lab, "2", "DEBUG", "in detail");
    lab
}

#[test]
fn the_log_of_what_is_waited_for_is_shown_as_it_arrives() {
    let lab = Lab::new();
    let mut waiting = lab
        .command(&[&RUN[..], &WAIT].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let mut next = |text: &str| {
        let line = told.find(|line| line.as_ref().unwrap().contains(text));
        line.unwrap().unwrap()
    };
    next("ACTIVE");
    for id in ["1", "2", "3"] {
        log(&lab, id, "INFO", &format!("line {id}"));
        assert!(next(&format!("line {id}")).contains("INFO     [runner 7] line"));
    }
    // What came with the end is shown too.
    log(&lab, "4", "ERROR", "the last line");
    let end = json!({ "state": "SUCCEEDED" });
    lab.google.change(&format!("/executions/{EXECUTION}"), &end);
    next("the last line");
    next("SUCCEEDED");
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
}

#[test]
fn the_log_is_shown_as_the_command_line_asks() {
    let ran = run(&with_a_log(), &RUN, &[]).ended(0);
    assert_eq!(
        ran.stderr.matches("[runner 7] simulating").count(),
        1,
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("in detail"), "{}", ran.stderr);
    assert_eq!(ran.stdout.trim(), EXECUTION);
    let ran = run(&with_a_log(), &RUN, &["--verbose"]).ended(0);
    assert!(ran.stderr.contains("in detail"), "{}", ran.stderr);
    let lab = with_a_log();
    let ran = run(&lab, &RUN, &["--quiet"]).ended(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(lab.google.requests_to("/v2/entries").len(), 0);
    let ran = run(&with_a_log(), &RUN, &["--json"]).ended(0);
    let logged = ran.events("log");
    assert_eq!(logged.len(), 1, "{}", ran.stdout);
    assert_eq!(logged[0]["message"], "simulating");
    assert_eq!(logged[0]["task_index"], 7);
    assert!(!ran.stderr.contains("simulating"), "{}", ran.stderr);
    assert_eq!(ran.events("ended")[0]["exit_code"], 0);
}

#[test]
fn a_log_that_cannot_be_read_is_told_once_and_ends_nothing() {
    let lab = with_a_log();
    let refused = Misbehaviour::refusal(403, "PERMISSION_DENIED", "no");
    lab.google
        .script(Fault::once("/v2/entries", refused).times(99));
    let ran = run(&lab, &RUN, &[]).ended(0);
    let told = ran.stderr.matches("the log can't be shown").count();
    assert_eq!(told, 1, "{}", ran.stderr);
    assert_eq!(lab.google.requests_to("/v2/entries").len(), 1);
}

#[test]
fn the_log_of_a_job_is_its_own() {
    let lab = Lab::new();
    let states = vec![
        json!({ "status": { "state": "RUNNING" } }),
        json!({ "status": { "state": "SUCCEEDED" } }),
    ];
    lab.google.play("/jobs/", states);
    log(&lab, "1", "INFO", "of another job");
    let ran = run(&lab, &JOB, &[]).ended(0);
    assert!(!ran.stderr.contains("of another job"), "{}", ran.stderr);
    let asked = lab.google.requests_to("/v2/entries");
    let id = ran.stdout.trim();
    assert!(id.starts_with("stage-b-manual-"), "{id}");
    assert!(
        asked[0].body.contains(&format!("^{id}")),
        "{}",
        asked[0].body
    );
}

/// Lesson 13: an execution that fails, is cancelled, or lacks tasks isn't a success. Lesson 20:
/// waiting was a stub that returned 0.
#[test]
fn lesson_20_waiting_for_a_workflow_ends_with_its_exit_code() {
    let ended = |changes: Value| {
        let lab = Lab::new();
        let active = json!({ "state": "ACTIVE" });
        lab.google
            .play("/executions/", vec![active.clone(), active, changes]);
        lab.google
            .script(Fault::once("/executions/", Misbehaviour::busy(502, 0)).times(3));
        lab.job("stage-b-1", "RUNNING", "runner", ("202547/My_Flu", "try-1"));
        let ran = run(&lab, &RUN, &[]);
        (ran.code, ran.stderr)
    };
    let (code, told) = ended(
        json!({ "state": "SUCCEEDED", "endTime": "2026-11-24T12:01:05Z",
        "result": "{\"N\": 10, \"failedTasks\": []}" }),
    );
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("runner RUNNING, 5/10 tasks done, 1 failed"),
        "{told}"
    );
    assert!(told.contains("it took 1m 5s"), "{told}");
    let (code, told) =
        ended(json!({ "state": "SUCCEEDED", "result": "{\"failedTasks\": [3, 7]}" }));
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("2 tasks have no result"), "{told}");
    let (code, _) = ended(json!({ "state": "SUCCEEDED",
        "result": "{\"failedTasks\": [], \"partial\": true}" }));
    assert_eq!(code, Some(3));
    let (code, told) = ended(json!({ "state": "FAILED",
        "error": { "context": "stage B failed", "payload": "{}" } }));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("stage B failed"), "{told}");
    let (code, _) = ended(json!({ "state": "CANCELLED" }));
    assert_eq!(code, Some(1));
}

#[test]
fn lesson_20_waiting_for_a_job_ends_with_its_exit_code() {
    let ended = |state: &str, exit_code: i32| {
        let lab = Lab::new();
        let states = vec![
            json!({ "status": { "state": "QUEUED" } }),
            json!({ "status": { "state": "RUNNING" } }),
            json!({ "status": { "state": state }, "fakeTasks": [{
                "name": "x/tasks/0", "status": { "state": state, "statusEvents": [
                { "description": "failed", "taskExecution": { "exitCode": exit_code } }] } }] }),
        ];
        lab.google.play("/jobs/", states);
        run(&lab, &JOB, &[])
    };
    ended("SUCCEEDED", 0).ended(0);
    for (exit_code, expected) in [(1, 1), (2, 2), (3, 3), (75, 75), (50001, 1), (137, 1)] {
        let ran = ended("FAILED", exit_code).ended(expected);
        assert!(
            ran.stderr.contains(&exit_code.to_string()),
            "{}",
            ran.stderr
        );
    }
    // Lesson 13: one that is deleted or cancelled has failed.
    ended("DELETION_IN_PROGRESS", 0).ended(1);
    ended("CANCELLED", 0).ended(1);
}

/// Ctrl-C ends the waiting, not the run.
#[test]
fn waiting_can_be_interrupted() {
    let lab = Lab::new();
    let waiting = lab
        .command(&[&RUN[..], &WAIT].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while lab.google.requests_to("/executions/").len() < 3 {
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&waiting);
    let ran = Ran::from(waiting.wait_with_output().unwrap()).ended(130);
    assert!(ran.stderr.contains("the run goes on"), "{}", ran.stderr);
    let asked = lab.google.requests_to("/executions/");
    assert!(asked.iter().all(|request| request.method == "GET"));
}
