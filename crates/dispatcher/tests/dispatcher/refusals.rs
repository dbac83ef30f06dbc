//! What a stage is asked that it can't do.

use crate::support::Project;

#[test]
fn num_tasks_must_agree_with_the_manifest() {
    let project = Project::with_results();
    for (stage, index) in [("B", "0"), ("C", "")] {
        let variables = [("STAGE", stage), ("TASK_INDEX", index), ("NUM_TASKS", "4")];
        project
            .run(&variables)
            .ends_with(2)
            .says("`NUM_TASKS` is `4`, and the run has `3` tasks");
    }
    project
        .run(&[("STAGE", "C"), ("NUM_TASKS", "3")])
        .succeeds();
}

#[test]
fn num_tasks_does_not_stand_for_a_manifest() {
    let project = Project::new();
    project
        .run(&[("STAGE", "C"), ("NUM_TASKS", "3")])
        .ends_with(2)
        .says("stands alone only for runs of the original pipeline");
}

#[test]
fn a_stage_before_its_turn_says_what_is_missing() {
    let project = Project::new();
    project
        .task("0")
        .ends_with(1)
        .says("tasks.json` is not there");
    project
        .stage("C")
        .ends_with(1)
        .says("tasks.json` is not there");
    project.stage("A").succeeds();
    project.remove("builder-artifacts/input_00001.pkl.gz");
    project
        .task("1")
        .ends_with(1)
        .says("builder-artifacts/input_00001.pkl.gz` is not there");
}

#[test]
fn the_engine_is_never_switched() {
    let project = Project::with_results();
    for stage in ["A", "B", "C"] {
        let variables = [
            ("STAGE", stage),
            ("TASK_INDEX", "0"),
            ("EPYCLOUD_ENGINE", "python"),
        ];
        let ended = project.run(&variables).ends_with(2);
        if cfg!(not(feature = "python")) {
            ended
                .says("the `python` engine is not part of this build")
                .says("--features python");
        }
    }
}

#[test]
fn an_artifact_of_another_engine_is_refused() {
    let project = Project::with_results();
    let path = "builder-artifacts/manifest.json";
    let manifest = String::from_utf8(project.read(path)).unwrap();
    let manifest = manifest.replace("\"engine\": \"native\"", "\"engine\": \"python\"");
    let tasks = serde_json::json!({
        "n": 3, "commit": null, "dirty": null,
        "manifest_sha256": epycloud_stages::Sha256::of(manifest.as_bytes()),
    });
    project.write(path, manifest);
    project.write("builder-artifacts/tasks.json", tasks.to_string());
    project
        .stage("C")
        .ends_with(2)
        .says("was written by the `python` engine, and the `native` engine was asked for");
}

#[test]
fn every_fault_of_an_experiment_is_said_at_once() {
    let project = Project::new();
    project.edit("basemodel.yaml", "init: 20", "init: -20");
    project.edit("basemodel.yaml", "target: E,", "target: X,");
    project.edit(
        "output.yaml",
        "quantiles:",
        "quantles:\n    selections: [2]\n  quantiles:\n    selections: [2]",
    );
    let ended = project.stage("A").ends_with(2);
    for place in ["basemodel.yaml:16", "basemodel.yaml:20", "output.yaml:"] {
        assert!(
            ended.stderr.contains(place),
            "no `{place}` in:\n{}",
            ended.stderr
        );
    }
    assert!(!project.path("builder-artifacts").exists());
}

#[test]
fn usage_errors_are_told_with_their_code() {
    let project = Project::new();
    for arguments in [
        &["--nonsense"][..],
        &["--json"],
        &["builder"],
        &["worker", "x"],
    ] {
        let output = project.command().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
