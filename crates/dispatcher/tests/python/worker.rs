//! One warm interpreter for many tasks.

use std::os::unix::process::ExitStatusExt as _;

use epycloud_stages::worker::Answer;

use crate::support::{Experiment, Project};

fn peaks(answers: &[Answer]) -> Vec<f64> {
    answers
        .iter()
        .map(|answer| match answer {
            Answer::Done {
                peak_memory_mib, ..
            } => *peak_memory_mib,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// How many tasks a worker does here; `cargo xtask soak` asks for a thousand.
fn many() -> u32 {
    std::env::var("EPYCLOUD_SOAK_TASKS").map_or(300, |tasks| tasks.parse().unwrap())
}

#[test]
fn many_tasks_do_not_make_it_grow() {
    let n = many();
    let Some(project) = Project::new(&Experiment::sampling(n)) else {
        return;
    };
    project.stage("A").succeeds();
    let worked = project.work(0..n);
    assert_eq!(worked.status.code(), Some(0), "{}", worked.log);
    let peaks = peaks(&worked.answers);
    assert_eq!(peaks.len(), n as usize);
    let (early, late) = (peaks[99], peaks[peaks.len() - 1]);
    assert!(late < 1.1 * early, "{early} MiB, then {late} MiB");
}

#[test]
fn native_code_that_aborts_takes_its_worker_and_no_other_task() {
    let Some(project) = Project::new(&Experiment::sampling(3).behaving("abort")) else {
        return;
    };
    project.stage("A").succeeds();
    let worked = project.work(0..3);
    assert_eq!(worked.status.signal(), Some(6), "{}", worked.log);
    // The result of task 0 may not have been stored yet.
    assert!(peaks(&worked.answers).len() <= 1);
    // Where it was, for whoever reads the log.
    assert!(
        worked.log.contains("Fatal Python error: Aborted"),
        "{}",
        worked.log
    );
    assert!(worked.log.contains("in abort"), "{}", worked.log);
    assert!(
        !project
            .path("runner-artifacts/result_00001.pkl.gz")
            .exists()
    );
    let other = project.work([2]);
    assert_eq!(peaks(&other.answers).len(), 1, "{}", other.log);
}

#[test]
fn what_native_code_prints_does_not_disturb_the_answers() {
    let Some(project) = Project::new(&Experiment::sampling(2).behaving("native_print")) else {
        return;
    };
    project.stage("A").succeeds();
    let worked = project.work(0..2);
    assert_eq!(peaks(&worked.answers).len(), 2, "{}", worked.log);
    assert_eq!(worked.log.matches("a line from native code").count(), 2);
}

#[test]
fn log_lines_of_a_worker_name_their_task() {
    let Some(project) = Project::new(&Experiment::sampling(2)) else {
        return;
    };
    project.stage("A").succeeds();
    let worked = project.work(0..2);
    for task in 0..2 {
        let line = format!("[Task {task}] RUNNER: task {task}");
        assert!(worked.log.contains(&line), "{}", worked.log);
    }
}
