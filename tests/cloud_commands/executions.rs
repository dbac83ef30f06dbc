//! `epycloud workflow`.

use epycloud_test_support::google::{Fault, Misbehaviour};
use serde_json::{Value, json};

use crate::lab::Lab;

const ID: &str = "0a1b2c3d-0000-4000-8000-000000000000";

fn ids(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["execution"].as_str().unwrap())
        .collect()
}

/// Lesson 18: `--exp-id` was applied to what the limit had left.
#[test]
fn lesson_18_list_filters_before_the_limit() {
    let lab = Lab::new();
    lab.google.set_page_size(10);
    lab.execution("wanted-1", "SUCCEEDED", "my/Flu", "a");
    lab.execution("wanted-2", "FAILED", "my/Flu", "b");
    for index in 0..60 {
        lab.execution(&format!("other-{index}"), "SUCCEEDED", "my/Flu-2", "c");
    }
    let list = |more: &[&str]| {
        let mut arguments = vec!["workflow", "list", "--json"];
        arguments.extend(more);
        lab.run(&arguments).ended(0).events("execution")
    };
    assert_eq!(
        ids(&list(&["--exp-id", "my/Flu", "--limit", "5"])),
        ["wanted-2", "wanted-1"]
    );
    assert_eq!(ids(&list(&["--status", "FAILED"])), ["wanted-2"]);
    assert_eq!(ids(&list(&["--limit", "2"])), ["other-59", "other-58"]);
    assert_eq!(list(&["--since", "1h"]).len(), 0);
}

#[test]
fn executions_are_shown_to_people() {
    let lab = Lab::new();
    lab.execution(ID, "FAILED", "my-flu", "try-1");
    lab.google.change(
        ID,
        &json!({
            "endTime": "2026-11-24T12:10:05Z", "workflowRevisionId": "000003-abc",
            "error": { "payload": "{\"code\":3,\"message\":\"stage B failed\"}", "context": "in step\nwait" },
            "status": { "currentSteps": [{ "routine": "main", "step": "stageB" }] },
        }),
    );
    let list = lab.run(&["workflow", "list"]).ended(0);
    insta::assert_snapshot!("list", list.stdout);
    let described = lab.run(&["workflow", "describe", ID]).ended(0);
    insta::assert_snapshot!("describe", described.stdout);
    let missing = lab.run(&["workflow", "describe", "nowhere"]).ended(1);
    insta::assert_snapshot!("missing", missing.stderr);
}

#[test]
fn the_workflow_s_own_log_is_shown() {
    let lab = Lab::new();
    for (index, level) in ["INFO", "WARNING", "ERROR"].into_iter().enumerate() {
        lab.google.put_log(json!({
            "insertId": index.to_string(), "severity": level, "textPayload": format!("step {index}"),
            "timestamp": format!("2026-11-24T12:00:0{index}Z"),
            "resource": { "type": "workflows.googleapis.com/Workflow", "labels": {
                "workflow_id": "epymodelingsuite-pipeline", "location": "us-central1" } },
            "labels": { "workflows.googleapis.com/execution_id": ID },
        }));
    }
    let all = lab.run(&["workflow", "logs", ID]).ended(0);
    assert_eq!(all.stdout.lines().count(), 3, "{}", all.stdout);
    let grave = lab
        .run(&["workflow", "logs", ID, "--level", "warning", "--tail", "1"])
        .ended(0);
    assert!(grave.stdout.contains("step 2") && !grave.stdout.contains("step 1"));
}

fn running() -> Lab {
    let lab = Lab::new();
    lab.execution(ID, "ACTIVE", "my/Flu", "try-1");
    lab.job(
        "stage-a-0a1b2c3d",
        "SUCCEEDED",
        "builder",
        ("my/Flu", "try-1"),
    );
    lab.job("stage-b-0a1b2c3d", "RUNNING", "runner", ("my/Flu", "try-1"));
    lab.job("stage-b-again", "QUEUED", "runner", ("my/Flu", "try-1"));
    // Another experiment whose label is the same, and another run.
    lab.job("stage-b-other", "RUNNING", "runner", ("my-flu", "try-1"));
    lab.job("stage-b-older", "RUNNING", "runner", ("my/Flu", "try-0"));
    lab
}

#[test]
fn the_first_digits_of_an_id_are_enough() {
    let lab = running();
    lab.google.set_page_size(1);
    lab.execution("ffffffff-0000-4000-8000-000000000000", "FAILED", "rsv", "r");
    let ran = lab
        .run(&["workflow", "describe", &ID[..8], "--json"])
        .ended(0);
    assert_eq!(ran.events("execution")[0]["execution"], ID);
    lab.run(&["workflow", "logs", &ID[..8]]).ended(0);
    lab.run(&["workflow", "retry", "ffffffff", "--yes"])
        .ended(0);
    lab.run(&["workflow", "cancel", &ID[..8]]).ended(0);
    lab.run(&["workflow", "describe", "01234567"]).ended(1);
}

/// Lesson 18: cancelling left Batch jobs running and billing.
#[test]
fn lesson_18_cancelling_ends_the_run_s_jobs_and_no_others() {
    let lab = running();
    let planned = lab.run(&["--dry-run", "workflow", "cancel", ID]).ended(0);
    assert!(
        planned.stderr.contains("would delete job stage-b-again"),
        "{}",
        planned.stderr
    );
    assert!(
        lab.google
            .requests()
            .iter()
            .all(|request| request.method == "GET")
    );
    let ran = lab.run(&["workflow", "cancel", ID, "--json"]).ended(0);
    let told: Vec<String> = ran
        .events("stopped")
        .iter()
        .map(|event| {
            format!(
                "{} {}",
                event["id"].as_str().unwrap(),
                event["outcome"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            format!("{ID} cancelled"),
            "stage-b-again deleted".into(),
            "stage-b-0a1b2c3d deleted".into()
        ]
    );
    let deleted = lab.google.requests_to("/jobs/");
    assert_eq!(deleted.len(), 2);
    assert!(deleted.iter().all(|request| request.method == "DELETE"));
    // Again: nothing is left to do, and that is said.
    let again = lab.run(&["workflow", "cancel", ID]).ended(0);
    assert!(
        again.stderr.contains("had ended already: CANCELLED"),
        "{}",
        again.stderr
    );
}

/// Lesson 18: answers of 4xx were misreported.
#[test]
fn lesson_18_each_answer_to_a_cancellation_is_told_and_decides_the_exit_code() {
    let lab = running();
    let denied = Misbehaviour::refusal(
        403,
        "PERMISSION_DENIED",
        "Permission 'batch.jobs.delete' denied",
    );
    lab.google
        .script(Fault::once("/jobs/stage-b-again", denied));
    let gone = Misbehaviour::refusal(404, "NOT_FOUND", "no such job");
    lab.google
        .script(Fault::once("/jobs/stage-b-0a1b2c3d", gone));
    let ran = lab.run(&["workflow", "cancel", ID]).ended(1);
    insta::assert_snapshot!("cancelled", ran.stderr);
}

#[test]
fn the_workflow_alone_is_cancelled_where_that_is_asked() {
    let lab = running();
    lab.run(&["workflow", "cancel", ID, "--only-workflow"])
        .ended(0);
    assert_eq!(lab.google.requests_to("/batch/").len(), 0);
}

/// A run of the original's has no run ID in its arguments; its jobs are called after it.
#[test]
fn an_execution_without_a_run_id_is_cancelled_with_the_jobs_called_after_it() {
    let lab = Lab::new();
    lab.execution(ID, "ACTIVE", "my-flu", "x");
    lab.google
        .change(ID, &json!({ "argument": "{\"exp_id\":\"my-flu\"}" }));
    lab.job(
        "stage-b-0a1b2c3d",
        "RUNNING",
        "runner",
        ("my-flu", "generated"),
    );
    lab.job("stage-b-11111111", "RUNNING", "runner", ("my-flu", "other"));
    let ran = lab.run(&["workflow", "cancel", ID, "--json"]).ended(0);
    let events = ran.events("stopped");
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["id"], "stage-b-0a1b2c3d");
}

#[test]
fn a_retry_gives_the_same_arguments_and_asks_first() {
    let lab = Lab::new();
    lab.execution(ID, "FAILED", "my-flu", "try-1");
    lab.execution("running", "ACTIVE", "my-flu", "try-2");
    let nobody = lab.run(&["workflow", "retry", ID]).ended(2);
    assert!(nobody.stderr.contains("--yes"), "{}", nobody.stderr);
    lab.run(&["workflow", "retry", ID, "--dry-run"]).ended(0);
    let still = lab.run(&["workflow", "retry", "running", "--yes"]).ended(1);
    assert!(still.stderr.contains("has not ended"), "{}", still.stderr);
    assert!(
        lab.google
            .requests_to("/executions")
            .iter()
            .all(|request| request.method == "GET")
    );
    let ran = lab.run(&["workflow", "retry", ID, "--yes"]).ended(0);
    assert_eq!(ran.stdout.trim(), "00000001-0000-4000-8000-000000000000");
    let created = lab.google.requests().pop().unwrap();
    assert_eq!(
        created.json()["argument"],
        "{\"exp_id\":\"my-flu\",\"runId\":\"try-1\"}"
    );
}

#[test]
fn without_a_project_it_is_said_how_to_name_one() {
    let lab = Lab::new();
    lab.configure("google_cloud:\n  project_id: your-gcp-project-id\n");
    let ran = lab.run(&["workflow", "list"]).ended(2);
    insta::assert_snapshot!("no_project", ran.stderr);
}
