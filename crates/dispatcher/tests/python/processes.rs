//! Experiments that use processes of their own.

use crate::support::{Experiment, Project};

#[test]
fn multiprocessing_spawns_by_default_with_the_environment_s_python() {
    let Some(project) = Project::new(&Experiment::simulation().behaving("spawn")) else {
        return;
    };
    project.stage("A").succeeds();
    project
        .task(0)
        .succeeds()
        .says(&["squares [0, 1, 4, 9] in python"]);
}

#[test]
fn a_fork_is_warned_of_and_works_from_the_repository_s_root() {
    let Some(project) = Project::new(&Experiment::simulation().behaving("fork")) else {
        return;
    };
    project.stage("A").succeeds();
    let ended = project.task(0).succeeds();
    let repository = project.root().join("forecast").canonicalize().unwrap();
    ended.says(&[
        "WARNING [Task 0] a process is being forked",
        "in the child",
        &format!("the child ended with 0 in {}", repository.display()),
    ]);
}
