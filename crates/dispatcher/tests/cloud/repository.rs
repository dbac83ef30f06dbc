//! All stages run the same commit.

#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::fs;

use object_store::ObjectStoreExt;

use crate::lab::{Lab, REPOSITORY, RUN, TASKS, ended};

fn tasks_run(lab: &Lab) {
    for index in 0..TASKS {
        ended(lab.task(index).output().unwrap(), 0);
    }
}

fn archive(lab: &Lab) -> String {
    format!("repo-cache/{}.tar.gz", lab.commit)
}

#[test]
fn a_branch_that_moves_changes_nothing_for_a_run_that_began() {
    let lab = Lab::new();
    ended(lab.stage("A", "a").output().unwrap(), 0);
    let tasks = &lab.objects("builder-artifacts")["tasks.json"];
    let tasks: serde_json::Value = serde_json::from_slice(tasks).unwrap();
    assert_eq!(tasks["commit"], lab.commit.as_str());
    assert!(lab.objects("").contains_key(&archive(&lab)));

    // The next commit would write other tables.
    let output = lab.files().join("experiments/tiny/config/output.yaml");
    fs::write(output, "nothing: here\n").unwrap();
    lab.git.commit(REPOSITORY, &lab.files()).unwrap();
    let fetched = lab.git.recorded().len();
    tasks_run(&lab);
    ended(lab.stage("C", "c").output().unwrap(), 0);
    assert_eq!(
        lab.git.recorded().len(),
        fetched,
        "only stage A asks the git server"
    );
    assert!(lab.tables().contains_key("quantiles_compartments.csv.gz"));
}

#[test]
fn an_archive_that_is_gone_is_fetched_again_only_if_that_is_allowed() {
    let lab = Lab::new();
    ended(lab.stage("A", "a").output().unwrap(), 0);
    tasks_run(&lab);
    lab.git.commit(REPOSITORY, &lab.files()).unwrap();
    let path = object_store::path::Path::from(format!("{RUN}/{}", archive(&lab)));
    futures::executor::block_on(lab.bucket.store().delete(&path)).unwrap();
    let said = ended(lab.stage("C", "c").output().unwrap(), 1);
    assert!(
        said.contains("is not there, so the repository of commit"),
        "{said}"
    );
    let mut again = lab.stage("C", "c");
    again.env("FORECAST_REPO_REFETCH", "true");
    let said = ended(again.output().unwrap(), 0);
    assert!(
        said.contains(&format!("at commit {}", lab.commit)),
        "{said}"
    );
}

#[test]
fn an_archive_is_removed_when_all_results_are_in_the_outputs_and_that_was_asked_for() {
    let lab = Lab::new();
    ended(lab.stage("A", "a").output().unwrap(), 0);
    (1..TASKS).for_each(|index| drop(ended(lab.task(index).output().unwrap(), 0)));
    let tidy = |disk: &str| {
        let mut stage = lab.stage("C", disk);
        stage.env("EPYCLOUD_CLEANUP", "true");
        stage
    };
    // A task is missing, and may want the repository yet.
    let mut partial = tidy("c1");
    partial.env("ALLOW_PARTIAL_RESULTS", "true");
    let said = ended(partial.output().unwrap(), 3);
    assert!(
        said.contains("kept the repository: results are missing"),
        "{said}"
    );
    ended(tidy("c2").output().unwrap(), 1);
    assert!(lab.objects("").contains_key(&archive(&lab)));

    ended(lab.task(0).output().unwrap(), 0);
    let said = ended(tidy("c3").output().unwrap(), 0);
    let removed = format!(
        "removed the archive of the repository at commit {}",
        lab.commit
    );
    assert!(said.contains(&removed), "{said}");
    let left = lab.objects("");
    assert!(!left.contains_key(&archive(&lab)));
    assert!(left.contains_key("builder-artifacts/manifest.json"));

    // Stage C once more says what is missing, and what helps.
    let said = ended(tidy("c4").output().unwrap(), 1);
    assert!(said.contains("FORECAST_REPO_REFETCH"), "{said}");
    let mut again = tidy("c5");
    again.env("FORECAST_REPO_REFETCH", "true");
    ended(again.output().unwrap(), 0);
    ended(lab.stage("A", "a2").output().unwrap(), 0);
    assert!(
        lab.objects("").contains_key(&archive(&lab)),
        "a run from stage A on has it anew"
    );
}

#[test]
fn a_reference_that_is_not_there_is_a_configuration_error() {
    let lab = Lab::new();
    let mut stage = lab.stage("A", "a");
    stage.env("FORECAST_REPO_REF", "none");
    let said = ended(stage.output().unwrap(), 2);
    assert!(
        said.contains("`lab/forecasts` has no branch, tag or commit `none`"),
        "{said}"
    );
    assert!(lab.objects("").is_empty());
}
