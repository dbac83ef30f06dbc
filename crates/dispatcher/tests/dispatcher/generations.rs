//! Changed experiments: what belongs to an earlier build is not used.

use crate::support::Project;

#[test]
fn results_of_an_earlier_build_do_not_count() {
    let project = Project::with_results();
    project.edit("basemodel.yaml", "value: 0.06", "value: 0.07");
    project.stage("A").succeeds();
    let ended = project.stage("C").ends_with(1);
    assert_eq!(
        ended.stderr.matches("other generation").count(),
        3,
        "{}",
        ended.stderr
    );
    for index in ["0", "1", "2"] {
        project.task(index).succeeds();
    }
    project.stage("C").succeeds();
}

#[test]
fn an_input_of_another_build_is_not_run() {
    let project = Project::with_results();
    let old = project.read("builder-artifacts/input_00001.pkl.gz");
    project.edit("basemodel.yaml", "value: 0.06", "value: 0.07");
    project.stage("A").succeeds();
    project.write("builder-artifacts/input_00001.pkl.gz", old);
    project.task("0").succeeds();
    project
        .task("1")
        .ends_with(1)
        .says("belongs to another build of this run than the manifest");
}

#[test]
fn a_build_that_did_not_finish_is_not_used() {
    let project = Project::with_results();
    // as if killed between the manifest and tasks.json
    let old_tasks = project.read("builder-artifacts/tasks.json");
    project.edit("basemodel.yaml", "value: 0.06", "value: 0.07");
    project.stage("A").succeeds();
    project.write("builder-artifacts/tasks.json", old_tasks);
    for ended in [project.task("0"), project.stage("C")] {
        ended
            .ends_with(1)
            .says("is not the manifest that stage A finished with");
    }
    // as if killed before tasks.json of a first build
    project.remove("builder-artifacts/tasks.json");
    for ended in [project.task("0"), project.stage("C")] {
        ended
            .ends_with(1)
            .says("stage A has not finished for this run");
    }
    project.stage("A").succeeds();
    project.task("0").succeeds();
}

#[test]
fn fewer_tasks_than_before_leave_the_others_unused() {
    let project = Project::with_results();
    project.edit(
        "modelset.yaml",
        "[Lakeside, Hilltop, Brookton]",
        "[Lakeside, Hilltop]",
    );
    project.stage("A").succeeds();
    project
        .task("2")
        .ends_with(2)
        .says("task index `2` is not one of the run's `2` tasks (0 to 1)");
    project.task("0").succeeds();
    project.task("1").succeeds();
    project.stage("C").succeeds();
    let index = project.json(&format!("{}/index.json", project.outputs()));
    assert_eq!(index["tasks"]["included"], serde_json::json!([0, 1]));
}

#[test]
fn another_output_configuration_is_no_new_build() {
    let project = Project::with_results();
    project.edit("output.yaml", "id: tables", "id: again");
    project.stage("A").succeeds();
    project.stage("C").succeeds();
    assert!(project.outputs().ends_with("_again"));
}

#[test]
fn a_damaged_manifest_is_not_believed() {
    let project = Project::with_results();
    let manifest = String::from_utf8(project.read("builder-artifacts/manifest.json")).unwrap();
    project.write(
        "builder-artifacts/manifest.json",
        manifest.replace("Hilltop", "Hilltip"),
    );
    project
        .stage("C")
        .ends_with(1)
        .says("is not the manifest that stage A finished with");
    project.write("builder-artifacts/tasks.json", "{\"n\": 3");
    project
        .stage("C")
        .ends_with(1)
        .says("could not load the number of tasks");
    project.stage("A").succeeds();
    project.stage("C").succeeds();
}
