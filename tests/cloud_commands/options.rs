//! Options of the original in the cloud that no other test has a use for: each does what it says.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::lab::{Lab, interrupt};

/// What a build is made with.
fn build_steps(more: &[&str]) -> (Lab, Vec<Value>) {
    let lab = Lab::new().and_bucket("my-project_cloudbuild");
    lab.write("docker/Dockerfile", "FROM scratch\n");
    lab.write("other/Dockerfile", "FROM scratch\n");
    lab.run(&[&["build", "cloud", "--yes"], more].concat())
        .ended(0);
    let build = lab.google.requests_to("/builds")[0].json();
    let steps = build["steps"].as_array().unwrap().clone();
    (lab, steps)
}

#[test]
fn a_build_in_the_cloud_is_what_its_options_say() {
    let (_, steps) = build_steps(&[]);
    assert!(
        steps[0]["args"].to_string().contains("--no-cache"),
        "{steps:?}"
    );
    let (_, steps) = build_steps(&["--cache"]);
    assert_eq!(steps[0]["id"], "cache");
    assert!(
        steps[1]["args"].to_string().contains("--cache-from"),
        "{steps:?}"
    );
    let (_, steps) = build_steps(&["--tag", "v7"]);
    assert!(
        steps[0]["args"].to_string().contains("epymodelingsuite:v7"),
        "{steps:?}"
    );
    for option in ["--file", "-f"] {
        let (_, steps) = build_steps(&[option, "other/Dockerfile"]);
        assert!(
            steps[0]["args"].to_string().contains("other/Dockerfile"),
            "{steps:?}"
        );
    }
}

#[test]
fn a_build_in_the_cloud_can_be_waited_for() {
    for (status, code) in [("SUCCESS", 0), ("FAILURE", 1)] {
        let lab = Lab::new().and_bucket("my-project_cloudbuild");
        lab.write("docker/Dockerfile", "FROM scratch\n");
        lab.google.build_as(status);
        let ran = lab.run(&["build", "cloud", "--yes", "--wait"]).ended(code);
        assert!(ran.stderr.contains(status), "{}", ran.stderr);
    }
}

#[test]
fn builds_are_listed_as_asked() {
    let lab = Lab::new().and_bucket("my-project_cloudbuild");
    lab.write("docker/Dockerfile", "FROM scratch\n");
    for status in ["SUCCESS", "QUEUED", "QUEUED"] {
        lab.google.build_as(status);
        lab.run(&["build", "cloud", "--yes"]).ended(0);
    }
    let listed = |more: &[&str]| {
        let ran = lab.run(&[&["build", "status", "--json"], more].concat());
        ran.ended(0).events("build").len()
    };
    assert_eq!(listed(&[]), 3);
    assert_eq!(listed(&["--ongoing"]), 2);
    assert_eq!(listed(&["--limit", "1"]), 1);
}

#[test]
fn machines_of_single_stages_are_those_asked_for() {
    let lab = Lab::new();
    let workflow = [
        "run",
        "workflow",
        "--exp-id",
        "my-flu",
        "--run-id",
        "r",
        "--yes",
        "--no-validate",
        "--stage-a-machine-type",
        "n2-standard-4",
        "--stage-c-machine-type",
        "n2-standard-8",
    ];
    lab.run(&workflow).ended(0);
    let sent = lab.google.requests_to("/executions")[0].json();
    let argument: Value = serde_json::from_str(sent["argument"].as_str().unwrap()).unwrap();
    assert_eq!(argument["exp_id"], "my-flu");
    assert_eq!(argument["runId"], "r");
    assert_eq!(argument["stageAMachineType"], "n2-standard-4");
    assert_eq!(argument["stageCMachineType"], "n2-standard-8");
    assert_eq!(argument["stageACpuMilli"], 4_000);
}

#[test]
fn a_job_is_what_its_options_say() {
    let lab = Lab::new();
    let job = [
        "run",
        "job",
        "--exp-id",
        "my-flu",
        "--run-id",
        "r",
        "--stage",
        "C",
        "--yes",
        "--num-tasks",
        "12",
        "--output-config",
        "output.yaml",
        "--machine-type",
        "n2-standard-4",
        "--billing-project",
        "grant-7",
        "--task-count-per-node",
        "1",
    ];
    lab.run(&job).ended(0);
    let sent = lab.google.requests_to("/jobs")[0].json();
    let group = &sent["taskGroups"][0];
    let variables = &group["taskSpec"]["environment"]["variables"];
    assert_eq!(variables["RUN_ID"], "r");
    assert_eq!(variables["NUM_TASKS"], "12");
    assert_eq!(variables["OUTPUT_CONFIG_FILE"], "output.yaml");
    assert_eq!(group["taskCountPerNode"].to_string().replace('"', ""), "1");
    assert!(sent.to_string().contains("grant-7"), "{sent}");
    assert!(
        sent["allocationPolicy"]
            .to_string()
            .contains("n2-standard-4"),
        "{sent}"
    );
}

/// Reads what a command that goes on prints, until a text, and interrupts it.
fn until(lab: &Lab, arguments: &[&str], text: &str) {
    let mut going_on = lab
        .command(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(going_on.stdout.take().unwrap()).lines();
    let found = lines.map_while(Result::ok).any(|line| line.contains(text));
    assert!(found, "{text} of {arguments:?}");
    interrupt(&going_on);
    assert_eq!(going_on.wait().unwrap().code(), Some(0));
}

#[test]
fn short_options_mean_the_long_ones() {
    let lab = Lab::new();
    lab.job("stage-b-1", "RUNNING", "runner", ("my-flu", "try-1"));
    lab.log("1", "12:00:01", "builder", "building");
    until(&lab, &["status", "-w", "-n", "0.05", "--json"], "stage-b-1");
    let follow = ["logs", "--exp-id", "my-flu", "-f", "--interval", "0.05"];
    until(&lab, &follow, "building");
    lab.run(&["status", "-r", "1h"]).ended(0);
}

#[test]
fn the_workflow_s_own_log_is_followed() {
    const ID: &str = "0a1b2c3d-0000-4000-8000-000000000000";
    let lab = Lab::new();
    lab.google.put_log(json!({
        "insertId": "1", "severity": "INFO", "textPayload": "the first step",
        "timestamp": "2026-11-24T12:00:00Z",
        "resource": { "type": "workflows.googleapis.com/Workflow", "labels": {
            "workflow_id": "epymodelingsuite-pipeline", "location": "us-central1" } },
        "labels": { "workflows.googleapis.com/execution_id": ID },
    }));
    for option in ["--follow", "-f"] {
        until(&lab, &["workflow", "logs", ID, option], "the first step");
    }
}
