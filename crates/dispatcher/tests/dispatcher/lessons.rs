//! Faults of the original pipeline that must not be possible here, by their number in the list of
//! lessons (9 is tested where output folders are named).

use std::fs;
use std::process::Command;

use crate::support::{Project, copy, names};

#[test]
fn lesson_1_a_torn_artifact_is_not_counted() {
    let project = Project::with_results();
    let whole = project.read("runner-artifacts/result_00001.pkl.gz");
    for length in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        project.write("runner-artifacts/result_00001.pkl.gz", &whole[..length]);
        project
            .stage("C")
            .ends_with(1)
            .says("task 1 (Hilltop): corrupt");
    }
    let input = project.read("builder-artifacts/input_00002.pkl.gz");
    for length in [0, 1, 10, input.len() / 2, input.len() - 1] {
        project.write("builder-artifacts/input_00002.pkl.gz", &input[..length]);
        project
            .task("2")
            .ends_with(1)
            .says("input_00002.pkl.gz` is corrupt");
    }
}

#[test]
fn lesson_2_an_error_before_the_log_is_set_up_is_a_line_of_it() {
    let project = Project::new();
    let variables = [
        ("STAGE", "A"),
        ("EXECUTION_MODE", "cloud"),
        ("LOG_LEVEL", "loud"),
    ];
    let ended = project.run(&variables).ends_with(2);
    let line: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(line["severity"], "CRITICAL");
    assert_eq!(line["failed_stage"], "builder");
    assert_eq!(ended.stderr, "");
}

#[test]
fn lesson_2_a_missing_task_index_is_not_task_0() {
    let project = Project::with_results();
    project.remove("runner-artifacts/result_00000.pkl.gz");
    project.stage("B").ends_with(2).says("TASK_INDEX: not set");
    assert!(
        !project
            .path("runner-artifacts/result_00000.pkl.gz")
            .exists()
    );
}

#[test]
fn lesson_3_a_missing_result_is_missing_and_keeps_its_index() {
    let project = Project::with_results();
    project.remove("runner-artifacts/result_00001.pkl.gz");
    let ended = project
        .run(&[("STAGE", "C"), ("ALLOW_PARTIAL_RESULTS", "true")])
        .ends_with(3);
    assert!(
        ended.stdout.contains("task 1 (Hilltop): missing"),
        "{}",
        ended.stdout
    );
    let index = project.json(&format!("{}/index.json", project.outputs()));
    assert_eq!(index["tasks"]["included"], serde_json::json!([0, 2]));
    assert_eq!(index["tasks"]["missing"][0]["index"], 1);
    assert_eq!(index["tasks"]["missing"][0]["cause"], "missing");
}

#[test]
fn lesson_4_every_stage_uses_the_same_prefix_and_the_same_repository() {
    let project = Project::new();
    let elsewhere = project.root().join("elsewhere");
    fs::rename(project.root().join("forecast"), &elsewhere).unwrap();
    let repository = elsewhere.to_str().unwrap();
    let common = [
        ("DIR_PREFIX", "other/prefix/"),
        ("FORECAST_REPO_DIR", repository),
    ];
    let run = |variables: &[(&str, &str)]| project.run(&[&common[..], variables].concat());
    run(&[("STAGE", "A")]).succeeds();
    run(&[("STAGE", "B"), ("TASK_INDEX", "1")]).succeeds();
    run(&[("STAGE", "C"), ("ALLOW_PARTIAL_RESULTS", "true")]).ends_with(3);
    assert_eq!(names(&project.root().join("bucket")), ["other"]);
    assert_eq!(
        names(&project.root().join("bucket/other/prefix/tiny")),
        ["r1"]
    );
}

#[test]
fn lesson_5_a_run_records_its_commit_and_never_the_token() {
    let project = Project::new();
    let repository = project.root().join("forecast");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    fs::create_dir_all(repository.join(".git/refs/heads")).unwrap();
    let git = |name: &str, text: &str| {
        #[expect(clippy::disallowed_methods, reason = "plain files of a test")]
        fs::write(repository.join(".git").join(name), text).unwrap();
    };
    git("HEAD", "ref: refs/heads/main\n");
    git("refs/heads/main", &format!("{commit}\n"));
    let token = [("GITHUB_PAT", "ghp_secret"), ("LOG_LEVEL", "DEBUG")];
    let ended = project
        .run(&[&token[..], &[("STAGE", "A")]].concat())
        .succeeds();
    assert_eq!(
        project.json("builder-artifacts/tasks.json")["commit"],
        commit
    );
    assert!(!format!("{ended:?}").contains("ghp_secret"));
    let found = Command::new("grep")
        .args(["-r", "ghp_secret"])
        .arg(project.root())
        .output();
    assert_eq!(
        found.unwrap().status.code(),
        Some(1),
        "the token is in a file"
    );
}

#[test]
fn lesson_6_another_experiment_of_that_name_is_not_run_instead() {
    let project = Project::new();
    let experiments = project.root().join("forecast/experiments");
    copy(&experiments.join("tiny"), &experiments.join("other/exp"));
    let ended = project
        .run(&[("STAGE", "A"), ("EXP_ID", "round1/exp")])
        .ends_with(2);
    assert!(
        ended.stderr.contains("other/exp"),
        "the candidates are listed:\n{}",
        ended.stderr
    );
    assert!(
        !project
            .root()
            .join("bucket")
            .join("pipeline/flu/round1/exp/r1/builder-artifacts")
            .exists()
    );
}

#[test]
fn lesson_6_unparsable_yaml_is_an_error_with_its_place() {
    let project = Project::new();
    project.edit("modelset.yaml", "[Lakeside", "[[Lakeside");
    project.stage("A").ends_with(2).says("modelset.yaml:");
}

#[test]
fn lesson_6_a_missing_output_configuration_is_said_before_any_compute() {
    let project = Project::new();
    fs::remove_file(project.config("output.yaml")).unwrap();
    project.stage("A").ends_with(2).says("output");
    assert!(!project.path("builder-artifacts").exists());
}

#[test]
fn lesson_9_output_folders_are_named_in_utc_whatever_the_time_zone() {
    let project = Project::with_results();
    let utc = || {
        let date = Command::new("date")
            .args(["-u", "+%Y%m%d-%H%M%S"])
            .output()
            .unwrap();
        String::from_utf8(date.stdout).unwrap().trim().to_owned()
    };
    let before = utc();
    project
        .run(&[("STAGE", "C"), ("TZ", "Pacific/Kiritimati")])
        .succeeds();
    let folder = project.outputs();
    let time = folder
        .strip_prefix("outputs/")
        .unwrap()
        .strip_suffix("_tables")
        .unwrap();
    assert!(
        (before.as_str()..=utc().as_str()).contains(&time),
        "{before} {time}"
    );
}
