//! `inspect`: what is in an artifact, without loading it.

use std::path::Path;
use std::process::Command;

use crate::support::{Experiment, Project};

fn inspect(file: &Path) -> (Option<i32>, String) {
    run(&["inspect".as_ref(), file])
}

fn run(arguments: &[&Path]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_epycloud-dispatcher"))
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout) + &text(&output.stderr),
    )
}

#[test]
fn the_modules_of_an_artifact_are_listed_without_loading_it() {
    let Some(project) = Project::new(&Experiment::calibration()) else {
        return;
    };
    project.stage("A").succeeds();
    let (code, said) = inspect(&project.path("builder-artifacts/input_00001.pkl.gz"));
    assert_eq!(code, Some(0), "{said}");
    for text in [
        "input of task 1 (There), written by the python engine",
        "workflow: calibration, seed 42, steps of 1 days",
        "payload: cloudpickle-5, ",
        "epydemix.calibration.abc: ABCSampler",
        "epymodelingsuite.schema.dispatcher: BuilderOutput, Strategy",
    ] {
        assert!(said.contains(text), "{said}");
    }
}

#[test]
fn the_original_s_artifacts_are_looked_into_too() {
    let Some(project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    let repository = project.root().join("forecast");
    project.script(
        "original.py",
        &[&repository, "e".as_ref(), &project.path("")],
    );
    let (code, said) = inspect(&project.path("runner-artifacts/result_00000.pkl.gz"));
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("a pickle, but not an epycloud artifact"),
        "{said}"
    );
    assert!(said.contains("epymodelingsuite.schema.dispatcher: SimulationOutput"));
}

#[test]
fn what_is_no_artifact_is_said_to_be_none() {
    let file = tempfile::NamedTempFile::with_suffix(".gz").unwrap();
    let (code, said) = inspect(file.path());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is not a pickle"), "{said}");
    let (code, said) = inspect(Path::new("/nowhere/input_00000.pkl.gz"));
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn programs_are_told_the_same() {
    let Some(project) = Project::new(&Experiment::calibration()) else {
        return;
    };
    project.stage("A").succeeds();
    let input = project.path("builder-artifacts/input_00000.pkl.gz");
    let (code, said) = run(&["inspect".as_ref(), "--json".as_ref(), &input]);
    assert_eq!(code, Some(0), "{said}");
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told["artifact"]["population"], "Here");
    assert_eq!(told["artifact"]["payload_codec"], "cloudpickle-5");
    assert_eq!(told["names"]["epydemix.calibration.abc"][0], "ABCSampler");
}
