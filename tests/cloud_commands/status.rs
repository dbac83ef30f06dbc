//! `epycloud status` in the cloud.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use epycloud_test_support::google::{Fault, Misbehaviour};

use crate::lab::{Lab, interrupt};

fn busy() -> Lab {
    let lab = Lab::new();
    lab.google.set_page_size(2);
    lab.execution("one", "ACTIVE", "my/Flu", "try-1");
    lab.execution("two", "QUEUED", "rsv", "try-2");
    lab.execution("over", "SUCCEEDED", "rsv", "try-0");
    lab.job("stage-b-1", "RUNNING", "runner", ("my/Flu", "try-1"));
    lab.job("stage-a-2", "SCHEDULED", "builder", ("rsv", "try-2"));
    lab.job("stage-c-0", "SUCCEEDED", "output", ("rsv", "try-0"));
    lab
}

#[test]
fn what_is_active_is_shown_on_all_pages() {
    let lab = busy();
    let ran = lab.run(&["status"]).ended(0);
    // Its column of elapsed time is the clock's.
    let shown = ran.stdout.replace(char::is_numeric, "0");
    for name in [
        "my/Flu",
        "rsv",
        "stage-b-0",
        "stage-a-0",
        "RUNNING",
        "QUEUED",
    ] {
        assert!(shown.contains(name), "{name} in\n{}", ran.stdout);
    }
    assert!(
        !shown.contains("over") && !shown.contains("stage-c"),
        "{shown}"
    );
    assert!(ran.stderr.contains("active: 2 workflows, 2 Batch jobs"));
    let json = lab.run(&["status", "--json"]).ended(0);
    let job = &json.events("job")[0];
    assert_eq!(
        (&job["done"], &job["tasks"], &job["failed"]),
        (&5.into(), &10.into(), &1.into())
    );
}

#[test]
fn one_experiment_or_run_is_shown_alone() {
    let lab = busy();
    // Its label is the same as another's.
    lab.job("stage-b-9", "RUNNING", "runner", ("my-flu", "try-1"));
    let ran = lab
        .run(&["status", "--exp-id", "my/Flu", "--json"])
        .ended(0);
    assert_eq!(
        (ran.events("execution").len(), ran.events("job").len()),
        (1, 1)
    );
    let ran = lab.run(&["status", "try-2", "--json"]).ended(0);
    assert_eq!(ran.events("job")[0]["job"], "stage-a-2");
}

#[test]
fn what_ended_lately_is_shown_on_request() {
    let lab = busy();
    let ran = lab.run(&["status", "--recent", "9999d", "--json"]).ended(0);
    let jobs: Vec<_> = ran
        .events("job")
        .iter()
        .map(|job| job["job"].to_string())
        .collect();
    assert!(jobs.contains(&"\"stage-c-0\"".to_owned()), "{jobs:?}");
    let ran = lab.run(&["status", "--recent", "--json"]).ended(0);
    assert_eq!(ran.events("job").len(), 2);
}

/// Lesson 18: with broken credentials everything was said to be idle, and the exit code was 0.
#[test]
fn lesson_18_a_cloud_that_cannot_be_asked_is_an_error() {
    let lab = busy();
    lab.write(
        "key.json",
        "{\"type\": \"service_account\", \"private_key\": \"hunter2\"}",
    );
    let key = lab.path().join("key.json");
    let mut command = lab.command(&["status"]);
    command.env("GOOGLE_APPLICATION_CREDENTIALS", &key);
    let broken = crate::lab::Ran::from(command.output().unwrap()).ended(2);
    assert!(!broken.stderr.contains("idle") && broken.stdout.is_empty());
    assert!(broken.stderr.contains("key.json") && !broken.stderr.contains("hunter2"));

    let refused = Misbehaviour::refusal(401, "UNAUTHENTICATED", "no");
    lab.google
        .script(Fault::once("/executions", refused).times(9));
    let refused = lab.run(&["status"]).ended(1);
    assert!(
        refused
            .stderr
            .contains("gcloud auth application-default login")
    );

    let lab = busy();
    let denied = Misbehaviour::refusal(
        403,
        "PERMISSION_DENIED",
        "Permission 'batch.jobs.list' denied",
    );
    lab.google.script(Fault::once("/jobs", denied));
    let denied = lab.run(&["status"]).ended(1);
    assert!(
        denied.stderr.contains("batch.jobs.list"),
        "{}",
        denied.stderr
    );
    assert!(denied.stdout.is_empty());
}

#[test]
fn what_is_temporary_is_outlived() {
    let lab = busy();
    lab.google
        .script(Fault::once("/executions", Misbehaviour::busy(503, 0)).times(2));
    lab.google
        .script(Fault::once("/jobs", Misbehaviour::Truncated));
    lab.run(&["status"]).ended(0);
}

#[test]
fn watching_goes_on() {
    let lab = busy();
    let mut watching = lab
        .command(&[
            "status",
            "--watch",
            "--interval",
            "0.05",
            "--json",
            "--exp-id",
            "rsv",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut until = |text: &str| loop {
        let line = lines.next().unwrap().unwrap();
        if line.contains(text) {
            break;
        }
    };
    until("\"SCHEDULED\"");
    lab.google.change(
        "stage-a-2",
        &serde_json::json!({ "status": { "state": "RUNNING" } }),
    );
    until("\"RUNNING\"");
    interrupt(&watching);
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[test]
fn local_runs_are_meant_without_a_project_or_where_they_are_asked_for() {
    let lab = busy();
    std::fs::create_dir_all(lab.path().join("experiments")).unwrap();
    let local = lab.run(&["status", "--local"]).ended(2);
    assert!(local.stderr.contains("there is no run"), "{}", local.stderr);
    lab.configure("");
    let local = lab.run(&["status"]).ended(2);
    assert!(local.stderr.contains("there is no run"), "{}", local.stderr);
    assert_eq!(lab.google.requests().len(), 0);
}
