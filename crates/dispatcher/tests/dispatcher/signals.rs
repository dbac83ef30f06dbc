//! Being told to stop.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::Project;

/// Starts stage B on a task that takes minutes, sends a signal once it is at it, and gives the
/// exit code.
fn stop(project: &Project, signal: Signal) -> Option<i32> {
    let mut child = project
        .command()
        .envs([("STAGE", "B"), ("TASK_INDEX", "0")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("task 0 of 3") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended");
    }
    let sent = Instant::now();
    kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
    let status = child.wait().unwrap();
    assert!(sent.elapsed().as_secs() < 5, "it took {:?}", sent.elapsed());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("CRITICAL"), "{rest}");
    status.code()
}

fn slow_project() -> Project {
    let project = Project::new();
    project.edit("basemodel.yaml", "delta_t: 0.5", "delta_t: 0.0005");
    project.edit("basemodel.yaml", "n_sims: 6", "n_sims: 5000");
    project.stage("A").succeeds();
    project
}

#[test]
fn sigterm_ends_with_75_and_leaves_nothing_torn() {
    let project = slow_project();
    assert_eq!(stop(&project, Signal::SIGTERM), Some(75));
    assert!(
        !project
            .path("runner-artifacts/result_00000.pkl.gz")
            .exists()
    );
    project
        .stage("C")
        .ends_with(1)
        .says("task 0 (Lakeside): missing");
}

#[test]
fn sigint_ends_with_130() {
    assert_eq!(stop(&slow_project(), Signal::SIGINT), Some(130));
}
