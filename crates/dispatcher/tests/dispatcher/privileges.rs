//! Started as root, a stage becomes whom `EPYCLOUD_RUN_AS` names.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use crate::support::Project;

/// Only root can become somebody else.
fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        eprintln!("skipped: giving up root needs root");
    }
    root
}

fn owner(path: &Path) -> (u32, u32) {
    let metadata = path.metadata().unwrap();
    (metadata.uid(), metadata.gid())
}

/// A project that belongs to this user.
fn project_of(uid: u32, gid: u32) -> Project {
    let project = Project::new();
    chown(project.root(), Some(uid), Some(gid)).unwrap();
    project
}

#[test]
fn what_is_written_belongs_to_the_owner_of_the_data() {
    if !is_root() {
        return;
    }
    let project = project_of(4321, 4322);
    project
        .run(&[("STAGE", "A"), ("EPYCLOUD_RUN_AS", "data-owner")])
        .succeeds();
    for name in ["builder-artifacts", "builder-artifacts/tasks.json"] {
        assert_eq!(owner(&project.path(name)), (4321, 4322), "{name}");
    }
}

#[test]
fn a_numeric_user_is_taken_and_nothing_else_is_changed() {
    if !is_root() {
        return;
    }
    let project = project_of(1234, 1234);
    project
        .run(&[("STAGE", "A"), ("EPYCLOUD_RUN_AS", "1234:5")])
        .succeeds();
    assert_eq!(
        owner(&project.path("builder-artifacts/tasks.json")),
        (1234, 5)
    );
    let project = project_of(1234, 1234);
    project.run(&[("STAGE", "A")]).succeeds();
    assert_eq!(owner(&project.path("builder-artifacts/tasks.json")).0, 0);
}

#[test]
fn a_user_who_may_not_write_there_cannot() {
    if !is_root() {
        return;
    }
    let project = project_of(0, 0);
    project
        .run(&[("STAGE", "A"), ("EPYCLOUD_RUN_AS", "4321")])
        .ends_with(1);
    assert!(!project.path("builder-artifacts").exists());
}

#[test]
fn data_that_is_not_there_has_no_owner() {
    if !is_root() {
        return;
    }
    Project::new()
        .run(&[
            ("STAGE", "A"),
            ("EPYCLOUD_RUN_AS", "data-owner"),
            ("LOCAL_DATA_PATH", "/nowhere"),
        ])
        .ends_with(2)
        .says("can't see who owns `/nowhere`")
        .says("EPYCLOUD_RUN_AS");
    Project::new()
        .run(&[("STAGE", "A"), ("EPYCLOUD_RUN_AS", "somebody")])
        .ends_with(2)
        .says("UID:GID");
}
