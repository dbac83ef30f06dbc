//! What it costs to see what is done.

use object_store::ObjectStoreExt as _;
use object_store::path::Path;

use crate::lab::{Lab, RUN, TASKS, block_on, events};

/// Requests for results: their number, and whether each asked for a beginning alone.
fn reads(lab: &Lab) -> (usize, bool) {
    let all = lab.bucket.recorded();
    let asked: Vec<_> = all
        .iter()
        .filter(|request| request.line.starts_with("GET") && request.line.contains("result%5F"))
        .collect();
    let is_range = |line: &String| line.to_lowercase().starts_with("range: bytes=0-");
    let ranged = asked
        .iter()
        .all(|request| request.headers.iter().any(is_range));
    (asked.len(), ranged)
}

#[test]
fn results_are_listed_once_and_their_beginnings_read() {
    let lab = Lab::new();
    lab.workflow(&["--skip-output"]).ended(0);
    let before = (reads(&lab).0, lab.bucket.recorded().len());
    let ran = lab.workflow(&["--explain", "--dry-run"]).ended(0);
    assert_eq!(events(&ran, "task_explained").len(), TASKS as usize);
    let (read, ranged) = reads(&lab);
    assert_eq!(read - before.0, TASKS as usize);
    assert!(ranged, "whole results were read");
    // The record, the manifest, a listing; nothing else for each task.
    let others = lab.bucket.recorded().len() - before.1 - TASKS as usize;
    assert!(others < 20, "{others}");
}

#[test]
fn a_result_of_other_versions_does_not_count_and_it_is_said_why() {
    let lab = Lab::new();
    lab.workflow(&["--skip-output"]).ended(0);
    // The manifest's versions are the run's.
    let objects = lab.objects("builder-artifacts");
    let manifest = String::from_utf8(objects["manifest.json"].clone()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let other = manifest.replacen(&format!("\"{version}\""), "\"0.0.9\"", 1);
    assert_ne!(manifest, other);
    let hash = |text: &str| epycloud_stages::Sha256::of(text.as_bytes()).to_string();
    let tasks = String::from_utf8(objects["tasks.json"].clone()).unwrap();
    let tasks = tasks.replace(&hash(&manifest), &hash(&other));
    for (name, text) in [("manifest.json", other), ("tasks.json", tasks)] {
        let path = Path::from(format!("{RUN}/builder-artifacts/{name}"));
        block_on(lab.bucket.store().put(&path, text.into())).unwrap();
    }
    let ran = lab.workflow(&["--explain"]).ended(1);
    let explained = &events(&ran, "task_explained")[0];
    assert!(
        explained["reason"]
            .as_str()
            .unwrap()
            .contains("epycloud was"),
        "{explained}"
    );
    // The image makes them of its own versions, which aren't the run's.
    assert!(ran.stderr.contains("--rebuild"), "{}", ran.stderr);
}
