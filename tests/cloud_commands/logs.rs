//! `epycloud logs` in the cloud.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::lab::{Lab, interrupt};

fn with_a_log() -> Lab {
    let lab = Lab::new();
    lab.log("1", "12:00:01", "builder", "building");
    lab.log("2", "12:00:02", "runner", "simulating");
    lab.log("3", "12:00:03", "runner", "a bad thing\nin two lines");
    lab.log("4", "12:00:04", "output", "writing");
    lab
}

fn lines(lab: &Lab, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["logs", "--exp-id", "my-flu"];
    arguments.extend(more);
    let ran = lab.run(&arguments).ended(0);
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_last_lines_are_shown_the_oldest_first() {
    let lab = with_a_log();
    lab.google.set_page_size(2);
    insta::assert_snapshot!(lines(&lab, &[]).join("\n"));
    assert_eq!(lines(&lab, &["--tail", "3"]).len(), 3);
    assert_eq!(lines(&lab, &["--tail", "0"]).len(), 4);
    assert!(lines(&lab, &["--tail", "1"])[0].ends_with("writing"));
    assert!(lines(&lab, &["--level", "error"])[0].ends_with("a bad thing in two lines"));
    assert!(lines(&lab, &["--since", "1h"]).is_empty());
    assert!(lines(&lab, &["--run-id", "other"]).is_empty());
}

/// Lesson 18: `--stage B` looked for a label value that is never written.
#[test]
fn lesson_18_a_stage_s_lines_are_found_by_letter_and_name() {
    let lab = with_a_log();
    for stage in ["B", "runner"] {
        assert_eq!(lines(&lab, &["--stage", stage]).len(), 2, "{stage}");
    }
    assert_eq!(lines(&lab, &["--stage", "B", "--task-index", "7"]).len(), 2);
    assert!(lines(&lab, &["--stage", "B", "--task-index", "8"]).is_empty());
    assert_eq!(lines(&lab, &["--stage", "C"]).len(), 1);
}

#[test]
fn jobs_and_executions_are_found_without_an_experiment() {
    let lab = with_a_log();
    let by_job = lab
        .run(&["logs", "--job-name", "stage-b-0a1b2c3d"])
        .ended(0);
    assert_eq!(by_job.stdout.lines().count(), 4);
    let id = "0a1b2c3d-0000-4000-8000-000000000000";
    let by_execution = lab.run(&["logs", "--execution-id", id, "--json"]).ended(0);
    assert_eq!(by_execution.events("log")[1]["stage"], "runner");
    assert_eq!(
        lab.run(&["logs", "--job-name", "stage-c"]).ended(0).stdout,
        ""
    );
    lab.run(&["logs"]).ended(2);
}

/// Lesson 18: following dropped lines: those of the same moment, and those that arrived late.
#[test]
fn lesson_18_following_shows_every_line_once() {
    let lab = with_a_log();
    let mut following = lab
        .command(&[
            "logs",
            "--exp-id",
            "my-flu",
            "--tail",
            "1",
            "--follow",
            "--interval",
            "0.05",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut next = || shown.next().unwrap().unwrap();
    assert!(next().ends_with("writing"));
    for index in 0..5 {
        lab.log(
            &format!("same-{index}"),
            "12:00:04",
            "output",
            &format!("same {index}"),
        );
    }
    for index in 0..5 {
        assert!(next().ends_with(&format!("same {index}")));
    }
    // Written long ago, and arrived now.
    lab.google.put_log(serde_json::json!({
        "insertId": "late", "timestamp": "2026-11-24T11:00:00Z",
        "receiveTimestamp": "2026-11-24T12:00:05Z", "textPayload": "late",
        "resource": { "type": "batch.googleapis.com/Job" }, "labels": { "exp_id": "my-flu" },
    }));
    assert!(next().ends_with("late"));
    lab.log("last", "12:00:06", "output", "last");
    assert!(next().ends_with("last"));
    interrupt(&following);
    assert_eq!(following.wait().unwrap().code(), Some(0));
}
