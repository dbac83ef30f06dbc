//! Every backend passes the conformance suite, and so does the faulty one without faults.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::sync::Arc;

use epycloud_storage::{LocalStore, Storage, conformance};
use epycloud_test_support::store::FaultStore;
use object_store::memory::InMemory;

async fn passes(open: impl Fn() -> Storage) {
    let report = conformance::run_all(|| async { Ok(open()) }).await;
    assert!(report.is_ok(), "{report}");
    assert_eq!(report.passed.len(), conformance::CHECKS.len());
}

#[tokio::test]
async fn memory() {
    passes(Storage::in_memory).await;
}

#[tokio::test]
async fn memory_that_stays_the_same() {
    let storage = Storage::in_memory();
    passes(|| storage.clone()).await;
}

#[tokio::test]
async fn local_files() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(&folder.path().join("bucket")).unwrap();
    passes(|| storage.clone()).await;
    assert_eq!(
        unfinished_files(folder.path()),
        0,
        "no temporary file is left"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn local_files_with_several_threads() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(folder.path()).unwrap().verbose(true);
    passes(|| storage.clone()).await;
}

#[tokio::test]
async fn the_faulty_store_without_faults() {
    let folder = tempfile::tempdir().unwrap();
    let store = FaultStore::new(Arc::new(LocalStore::new(folder.path().to_owned())));
    let storage = Storage::new(Arc::new(store), "fault");
    passes(|| storage.clone()).await;
    passes(|| {
        Storage::new(
            Arc::new(FaultStore::new(Arc::new(InMemory::new()))),
            "fault",
        )
    })
    .await;
}

#[tokio::test]
async fn a_backend_that_tears_its_objects_does_not_pass() {
    use epycloud_test_support::store::{Fault, Operation, Rule, When};

    let open = || {
        let store = FaultStore::new(Arc::new(InMemory::new()));
        let torn = Fault::Corrupted { at: 0 };
        store
            .faults()
            .add(Rule::new(Operation::Get, When::Always, torn));
        Storage::new(Arc::new(store), "torn")
    };
    let report = conformance::run_all(|| async { Ok(open()) }).await;
    let failed: Vec<_> = report
        .failures
        .iter()
        .map(|failure| failure.check)
        .collect();
    for check in [
        "what_is_saved_is_loaded",
        "pieces_become_one_object",
        "of_many_writers_one_wins",
    ] {
        assert!(failed.contains(&check), "{check} passed: {report}");
    }
}

/// The number of files below a folder that are hidden from listings.
fn unfinished_files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                unfinished_files(&path)
            } else {
                usize::from(path.to_string_lossy().ends_with("~epycloud"))
            }
        })
        .sum()
}
