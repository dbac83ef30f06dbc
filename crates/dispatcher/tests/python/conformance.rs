//! The engine against the suite called directly, value by value.

use serde_json::Value;

use crate::support::{Experiment, Project};

/// Runs all stages and compares artifacts, outputs and telemetry.
fn conform(experiment: &Experiment, n: u32, expected: &[&str]) {
    let Some(mut project) = Project::new(experiment) else {
        return;
    };
    // The direct call has no other way to make outputs.
    project.set("FIXTURE_SUITE", "objects");
    project.results(n);
    project.stage("C").succeeds();
    let repository = project.root().join("forecast");
    let printed = project.script(
        "conformance.py",
        &[
            &repository,
            "e".as_ref(),
            &project.path(""),
            "no-population-data".as_ref(),
            project.root(),
        ],
    );
    let lines: Vec<Value> = printed
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let compared: Vec<_> = lines
        .iter()
        .map(|line| line["what"].as_str().unwrap())
        .collect();
    assert_eq!(compared, expected);
    for line in &lines {
        assert_eq!(line["different"].as_array().unwrap().len(), 0, "{line}");
        assert!(line["values"].as_u64().unwrap() > 0, "{line}");
        assert_eq!(line.get("fails"), None, "{line}");
    }
}

#[test]
fn a_simulation_equals_the_suite_called_directly() {
    conform(
        &Experiment::simulation(),
        1,
        &[
            "input 0",
            "telemetry",
            "result 0",
            "telemetry 0",
            "table.csv.gz",
            "workflow telemetry",
        ],
    );
}

#[test]
fn a_sampling_equals_the_suite_called_directly() {
    conform(
        &Experiment::sampling(2),
        2,
        &[
            "input 0",
            "input 1",
            "telemetry",
            "result 0",
            "telemetry 0",
            "result 1",
            "telemetry 1",
            "table.csv.gz",
            "workflow telemetry",
        ],
    );
}

#[test]
fn a_calibration_with_closures_equals_the_suite_called_directly() {
    conform(
        &Experiment::calibration(),
        2,
        &[
            "input 0",
            "input 1",
            "telemetry",
            "result 0",
            "telemetry 0",
            "result 1",
            "telemetry 1",
            "table.csv.gz",
            "workflow telemetry",
        ],
    );
}

#[test]
fn a_run_can_be_repeated_though_its_sampler_has_no_seed() {
    let Some(project) = Project::new(&Experiment::calibration()) else {
        return;
    };
    project.results(2);
    let result = project.path("runner-artifacts/result_00001.pkl.gz");
    let first = project.root().join("first.pkl.gz");
    std::fs::rename(&result, &first).unwrap();
    // Built again, and alone in its process: what ran before it doesn't matter.
    project.stage("A").succeeds();
    project.task(1).succeeds();
    let printed = project.script("compare.py", &[&first, &result]);
    assert!(printed.ends_with("values compared\n"), "{printed}");
}
