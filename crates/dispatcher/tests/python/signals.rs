//! Being told to stop while Python is at work.

use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Experiment, Project};

/// Sends a signal to a task that waits, and checks what is left; how long it took to end.
fn stopped(behaviour: &str, signal: Signal, code: i32, said: &str) -> Option<f64> {
    let project = Project::new(&Experiment::simulation().behaving(behaviour))?;
    project.stage("A").succeeds();
    let mut child = project.start_waiting();
    let begin = Instant::now();
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    let status = child.wait().unwrap();
    let log = std::fs::read_to_string(project.root().join("log")).unwrap();
    assert_eq!(status.code(), Some(code), "{log}");
    assert!(log.contains(said), "{log}");
    assert!(!project.path("runner-artifacts").exists());
    Some(begin.elapsed().as_secs_f64())
}

#[test]
fn sigterm_stops_python_code_and_is_temporary() {
    if let Some(secs) = stopped("wait", Signal::SIGTERM, 75, "stopped by SIGTERM") {
        assert!(secs < 4.0, "{secs}");
    }
}

#[test]
fn sigint_stops_python_code_and_is_an_interruption() {
    if let Some(secs) = stopped("wait", Signal::SIGINT, 130, "interrupted") {
        assert!(secs < 4.0, "{secs}");
    }
}

#[test]
fn native_code_is_left_behind() {
    if let Some(secs) = stopped(
        "wait_in_native_code",
        Signal::SIGTERM,
        75,
        "stopped by SIGTERM",
    ) {
        assert!(secs < 20.0, "{secs}");
    }
}
