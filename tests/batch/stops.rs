//! Ctrl-C, once and twice.

use std::process::{Child, Command};

use crate::lab::{Lab, wait_until};
use crate::ran::Ran;

fn signal(child: &Child, signal: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(sent.success());
}

fn deleted(lab: &Lab) -> usize {
    let asked = lab.google.requests_to("/jobs/");
    asked
        .iter()
        .filter(|request| request.method == "DELETE")
        .count()
}

#[test]
fn the_first_lets_the_job_that_runs_end_and_submits_no_other() {
    let lab = Lab::new();
    let child = lab.start(&["--max-parallelism", "1"]);
    wait_until(|| lab.started("runner").contains_key(&1));
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(130);
    assert!(
        ran.stderr.contains("comes to its end first"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("5 of 5 tasks done"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--resume try-1"), "{}", ran.stderr);
    assert_eq!((lab.created().len(), deleted(&lab)), (2, 0));
    assert_eq!(lab.record()["status"], "stopped");
    lab.workflow(&[]).ended(0);
    lab.nothing_ran_twice();
}

#[test]
fn the_second_deletes_the_job() {
    let lab = Lab::new();
    lab.machines.hold("runner", true);
    let child = lab.start(&[]);
    wait_until(|| lab.created().len() == 2);
    signal(&child, "-INT");
    std::thread::sleep(std::time::Duration::from_millis(300));
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(130);
    assert!(ran.stderr.contains("--resume try-1"), "{}", ran.stderr);
    assert_eq!(deleted(&lab), 1);
    lab.machines.hold("runner", false);
    lab.workflow(&[]).ended(0);
    assert_eq!(lab.started("builder")[&0], 1);
    assert_eq!(lab.tables(), lab.local_tables());
}

#[test]
fn stages_a_and_c_stop_at_once() {
    let lab = Lab::new();
    lab.machines.hold("builder", true);
    let child = lab.start(&[]);
    wait_until(|| lab.created().len() == 1);
    signal(&child, "-TERM");
    Ran::from(child.wait_with_output().unwrap()).ended(75);
    assert_eq!(deleted(&lab), 1);
}

/// A run whose command is gone goes on, until somebody ends it.
#[test]
fn what_a_command_has_left_is_ended_by_the_run_s_id() {
    let lab = Lab::new();
    lab.machines.hold("runner", true);
    let mut child = lab.start(&[]);
    wait_until(|| lab.created().len() == 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let cancel = [
        "workflow", "cancel", "--exp-id", "tiny", "--run-id", "try-1",
    ];
    let planned = lab.run(&[&cancel[..], &["--dry-run"]].concat()).ended(0);
    assert!(
        planned.stderr.contains("would delete job stage-b-client-"),
        "{}",
        planned.stderr
    );
    assert_eq!(deleted(&lab), 0);
    lab.run(&cancel).ended(0);
    assert_eq!(deleted(&lab), 1);
    let other = ["workflow", "cancel", "--run-id", "try-2"];
    let ran = lab.run(&other).ended(0);
    assert!(
        ran.stderr.contains("no job that may still run"),
        "{}",
        ran.stderr
    );
}
