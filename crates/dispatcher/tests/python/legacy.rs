//! Artifacts of the original pipeline.

use crate::support::{Experiment, Project};

#[test]
fn bare_dill_pickles_are_read_only_when_that_is_allowed() {
    let Some(mut project) = Project::new(&Experiment::calibration()) else {
        return;
    };
    let repository = project.root().join("forecast");
    project.script(
        "original.py",
        &[&repository, "e".as_ref(), &project.path("")],
    );
    project.set("NUM_TASKS", "2");
    project.task(0).fails(
        2,
        &["`NUM_TASKS` (`2`) stands alone only for runs of the original"],
    );

    project.set("EPYCLOUD_TRUST_ARTIFACTS", "legacy");
    project.task(0).succeeds().says(&["RUNNER: task 0"]);
    // The result of the other one is the original's too.
    project
        .stage("C")
        .succeeds()
        .says(&["OUTPUT WRITER: 2 results"]);
    assert_eq!(project.outputs().len(), 1);
}
