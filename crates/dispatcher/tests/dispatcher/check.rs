//! `--check`, `--help` and `--version`.

use crate::support::{Ended, Project};

fn check(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = project.command();
    let output = command
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    Ended::new(project, output)
}

#[test]
fn check_shows_every_setting_with_its_source() {
    let variables = [
        ("STAGE", "runner"),
        ("SLURM_ARRAY_TASK_ID", "2"),
        ("GITHUB_PAT", "ghp_secret"),
        ("EPYCLOUD_ENGIN", "native"),
    ];
    let ended = check(&Project::new(), &["--check"], &variables).succeeds();
    assert!(!format!("{ended:?}").contains("ghp_secret"));
    // How wide a column is depends on the folder's name.
    let table: String = ended
        .stdout
        .lines()
        .map(|line| {
            let cells = line
                .split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty());
            cells.collect::<Vec<_>>().join(" | ") + "\n"
        })
        .collect();
    insta::assert_snapshot!(format!("{table}---\n{}", ended.stderr));
}

#[test]
fn check_as_json_is_for_programs() {
    let ended = check(&Project::new(), &["--check", "--json"], &[]).succeeds();
    let settings: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let engine = settings
        .as_array()
        .unwrap()
        .iter()
        .find(|setting| setting["name"] == "EPYCLOUD_ENGINE")
        .unwrap();
    assert_eq!(engine["value"], "native");
    assert_eq!(engine["source"], "default");
}

#[test]
fn check_says_everything_that_is_wrong() {
    let variables = [("EXP_ID", "../x"), ("NUM_TASKS", "none")];
    let ended = check(&Project::new(), &["--check"], &variables).ends_with(2);
    assert_eq!(ended.stdout, "");
    ended.says("EXP_ID").says("NUM_TASKS");
}

#[test]
fn help_explains_exit_codes_and_shows_examples() {
    let ended = check(&Project::new(), &["--help"], &[]).succeeds();
    insta::assert_snapshot!(ended.stdout);
    let ended = check(&Project::new(), &["--version"], &[]).succeeds();
    assert_eq!(
        ended.stdout,
        format!("epycloud-dispatcher {}\n", env!("CARGO_PKG_VERSION"))
    );
}
