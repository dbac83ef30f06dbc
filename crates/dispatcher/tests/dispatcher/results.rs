//! Results that are missing or can't be used.

use std::fs;

use crate::support::{Project, names};

/// A project with a result that is missing and one that is torn.
fn with_bad_results() -> Project {
    let project = Project::with_results();
    project.remove("runner-artifacts/result_00000.pkl.gz");
    let whole = project.read("runner-artifacts/result_00001.pkl.gz");
    project.write(
        "runner-artifacts/result_00001.pkl.gz",
        &whole[..whole.len() / 2],
    );
    project
}

#[test]
fn stage_c_fails_naming_every_result_that_is_missing_or_broken() {
    let ended = with_bad_results().stage("C").ends_with(1);
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn partial_results_end_with_3_and_are_named_wherever_it_matters() {
    let project = with_bad_results();
    let ended = project
        .run(&[("STAGE", "C"), ("ALLOW_PARTIAL_RESULTS", "true")])
        .ends_with(3);
    assert!(
        ended
            .stdout
            .contains("no result of task 0 (Lakeside): missing"),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stdout
            .contains("no result of task 1 (Hilltop): corrupt"),
        "{}",
        ended.stdout
    );
    let index = project.json(&format!("{}/index.json", project.outputs()));
    assert_eq!(index["tasks"]["included"], serde_json::json!([2]));
    let causes: Vec<_> = index["tasks"]["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| {
            (
                task["index"].as_u64().unwrap(),
                task["cause"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(causes, [(0, "missing"), (1, "corrupt")]);
    let summary = project.json("summaries/json/output_summary.json");
    assert_eq!(summary["status"], "partial");
}

#[test]
fn outputs_of_nothing_are_not_written() {
    let project = Project::new();
    project.stage("A").succeeds();
    for partial in ["true", "false"] {
        let variables = [("STAGE", "C"), ("ALLOW_PARTIAL_RESULTS", partial)];
        project
            .run(&variables)
            .ends_with(1)
            .says("none of the 3 results can be used");
    }
    assert_eq!(names(&project.path("outputs")), [""; 0]);
}

#[test]
fn a_failed_stage_c_leaves_no_table() {
    let project = with_bad_results();
    project.stage("C").ends_with(1);
    for folder in names(&project.path("outputs")) {
        assert_eq!(names(&project.path("outputs").join(folder)), [""; 0]);
    }
}

#[test]
fn a_result_in_the_wrong_place_is_not_taken_for_another() {
    let project = Project::with_results();
    let other = project.read("runner-artifacts/result_00002.pkl.gz");
    project.write("runner-artifacts/result_00001.pkl.gz", other);
    project
        .stage("C")
        .ends_with(1)
        .says("is the result of task 2, expected the result of task 1");
}

#[test]
fn an_input_is_not_taken_for_a_result() {
    let project = Project::with_results();
    let input = project.read("builder-artifacts/input_00001.pkl.gz");
    project.write("runner-artifacts/result_00001.pkl.gz", input);
    project
        .stage("C")
        .ends_with(1)
        .says("is the input of task 1, expected the result of task 1");
}

#[test]
fn a_pickle_of_the_original_pipeline_is_named_and_never_decoded() {
    let project = Project::with_results();
    let dill = b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x24epymodelingsuite.schema.dispatcher..\x8c\x0fSimulationTask.\x93.";
    let mut packed = vec![0; 1_000];
    let length = libdeflater::Compressor::new(libdeflater::CompressionLvl::fastest())
        .gzip_compress(dill, &mut packed)
        .unwrap();
    project.write("runner-artifacts/result_00001.pkl.gz", &packed[..length]);
    project
        .stage("C")
        .ends_with(1)
        .says("is a pickle of Python objects (it names `epymodelingsuite.schema.dispatcher");
    project.write("builder-artifacts/input_00001.pkl.gz", &packed[..length]);
    project
        .task("1")
        .ends_with(1)
        .says("never executes an artifact");
}

#[test]
fn a_result_that_cannot_be_read_is_told_from_one_that_is_missing() {
    let project = Project::with_results();
    let path = project.path("runner-artifacts/result_00001.pkl.gz");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&path, &path).unwrap();
    let ended = project.stage("C").ends_with(1);
    insta::assert_snapshot!(ended.stderr);
}
