//! What Python says on its ways of saying things, as lines of the log.

use crate::support::{Experiment, Project};

#[test]
fn lesson_7_records_warnings_and_printed_lines_are_in_the_log() {
    let Some(mut project) = Project::new(&Experiment::simulation().behaving("chatter")) else {
        return;
    };
    project.set("LOG_LEVEL", "debug");
    project.stage("A").succeeds();
    let ended = project.task(0).succeeds();
    let logger = "logger=functions.behaviour";
    ended.says(&[
        &format!("runner DEBUG [Task 0] a debug record {logger}"),
        &format!("runner INFO [Task 0] a record with an argument {logger}"),
        "runner WARNING [Task 0] a record",
        "of two lines",
        &format!("runner ERROR [Task 0] a record with an exception {logger}"),
        "KeyError: 'inner'",
        "runner WARNING [Task 0] FutureWarning: a deprecated thing logger=py.warnings location=",
        "runner INFO [Task 0] a printed line logger=stdout",
        "runner INFO [Task 0] 100% logger=stdout",
        "runner WARNING [Task 0] an error line logger=stderr",
        "runner INFO [Task 0] some bytes logger=stdout",
        "runner INFO [Task 0] a line without an end logger=stdout",
        "RUNNER: task 0 logger=epymodelingsuite.dispatcher.runner",
    ]);
    assert!(!ended.said.contains("10%"), "{}", ended.said);
}

#[test]
fn epydemix_s_progress_is_in_the_log() {
    let Some(project) = Project::new(&Experiment::calibration()) else {
        return;
    };
    project.stage("A").succeeds();
    project.task(1).succeeds().says(&[
        "runner INFO [Task 1] Starting ABC top fraction selection",
        "simulations completed",
    ]);
}

#[test]
fn what_is_not_asked_for_is_not_logged() {
    let Some(mut project) = Project::new(&Experiment::simulation().behaving("chatter")) else {
        return;
    };
    project.set("LOG_LEVEL", "warning");
    project.stage("A").succeeds();
    let ended = project.task(0).succeeds();
    ended.says(&["an error line", "a deprecated thing"]);
    assert!(!ended.said.contains("a printed line"), "{}", ended.said);
}

#[test]
fn a_suite_s_warnings_are_in_the_summary() {
    let Some(project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    let config = project
        .root()
        .join("forecast/experiments/e/config/basemodel.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a plain file of a test")]
    std::fs::write(&config, text.replace("  random_seed: 42\n", "")).unwrap();
    project
        .stage("A")
        .succeeds()
        .says(&["WARNING the experiment has no random_seed"]);
    let summary = project.json("summaries/json/builder_summary.json");
    assert_eq!(summary["warnings"][0], "the experiment has no random_seed");
    assert_eq!(
        summary["metadata"]["epymodelingsuite_version"],
        "0.0.0+fixture"
    );
    assert_eq!(
        summary["metadata"]["python_version"]
            .as_str()
            .unwrap()
            .split('.')
            .count(),
        3
    );
}
