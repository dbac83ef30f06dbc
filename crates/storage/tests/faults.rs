//! What goes wrong below is told apart, and never shows half an object.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::sync::Arc;
use std::time::Duration;

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_storage::{
    Created, LoadOptions, Patience, SaveOptions, Storage, StorageError, StoragePath,
};
use epycloud_test_support::store::{Fault, FaultStore, Faults, Operation, Rates, Rule, When};
use object_store::memory::InMemory;
use proptest::prelude::*;

/// More than two parts.
const LARGE: usize = 17 << 20;

fn storage() -> (Storage, Faults) {
    let store = FaultStore::new(Arc::new(InMemory::new()));
    let faults = store.faults();
    (Storage::new(Arc::new(store), "gs://lab"), faults)
}

fn path(text: &str) -> StoragePath {
    text.parse().unwrap()
}

fn kind<T>(result: &Result<T, StorageError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(StorageError::Missing { .. }) => "missing",
        Err(StorageError::Corrupt { .. }) => "corrupt",
        Err(StorageError::TooLarge { .. }) => "too large",
        Err(StorageError::Denied { .. }) => "denied",
        Err(StorageError::Temporary { .. }) => "temporary",
        Err(StorageError::Failed { .. }) => "failed",
        Err(_) => "other",
    }
}

async fn load(storage: &Storage, name: &str) -> Result<Vec<u8>, StorageError> {
    storage
        .load_bytes(&path(name), &LoadOptions::default())
        .await
}

async fn save(storage: &Storage, name: &str, data: &[u8]) -> Result<(), StorageError> {
    storage
        .save_bytes(&path(name), data.to_vec(), &SaveOptions::default())
        .await
        .map(drop)
}

async fn stream(storage: &Storage, name: &str, data: &[u8]) -> Result<(), StorageError> {
    let mut writer = storage.writer(&path(name));
    for piece in data.chunks(1 << 20) {
        writer.write(piece).await?;
    }
    writer.finish().await.map(drop)
}

#[tokio::test]
async fn each_fault_of_a_read_has_its_error() {
    let (storage, faults) = storage();
    let data = vec![7; 1_000];
    save(&storage, "a.gz", &data).await.unwrap();
    save(&storage, "a", &data).await.unwrap();
    let table = [
        ("a", Fault::Unavailable, "temporary"),
        ("a", Fault::Denied, "denied"),
        ("a", Fault::NotFound, "missing"),
        ("a", Fault::Broken { after: 10 }, "temporary"),
        ("a", Fault::Truncated { after: 10 }, "temporary"),
        ("a.gz", Fault::Truncated { after: 10 }, "temporary"),
        ("a.gz", Fault::Corrupted { at: 15 }, "corrupt"),
        ("a.gz", Fault::Slow(Duration::from_millis(1)), "ok"),
    ];
    for (name, fault, expected) in table {
        faults.clear();
        faults.add(Rule::new(Operation::Get, When::Always, fault.clone()));
        assert_eq!(
            kind(&load(&storage, name).await),
            expected,
            "{fault:?} of {name}"
        );
    }
    faults.clear();
    assert_eq!(load(&storage, "a").await.unwrap(), data);
}

#[tokio::test]
async fn an_error_says_where_what_and_whether_to_try_again() {
    let (storage, faults) = storage();
    faults.add(Rule::new(Operation::Put, When::Always, Fault::Unavailable));
    let error = save(&storage, "runs/a", b"x").await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Temporary);
    assert!(error.is_temporary());
    let chain = epycloud_errors::chain(&error);
    assert_eq!(chain[0], "could not write `gs://lab/runs/a` for the moment");
    assert!(chain[1].contains("503 Service Unavailable"), "{chain:?}");
}

#[tokio::test]
async fn whether_something_exists_is_never_guessed() {
    let (storage, faults) = storage();
    for (fault, expected) in [(Fault::Unavailable, "temporary"), (Fault::Denied, "denied")] {
        faults.clear();
        faults.add(Rule::new(Operation::Get, When::Always, fault));
        assert_eq!(kind(&storage.exists(&path("a")).await), expected);
    }
    faults.clear();
    faults.add(Rule::new(Operation::Get, When::Always, Fault::NotFound));
    assert!(!storage.exists(&path("a")).await.unwrap());
}

#[tokio::test]
async fn a_write_that_fails_leaves_what_was_there() {
    let (storage, faults) = storage();
    save(&storage, "a", b"old").await.unwrap();
    for (fault, expected) in [
        (Fault::Unavailable, "temporary"),
        (Fault::Denied, "denied"),
        (Fault::NotFound, "failed"),
    ] {
        faults.clear();
        faults.add(Rule::new(Operation::Put, When::Always, fault.clone()));
        assert_eq!(
            kind(&save(&storage, "a", b"new").await),
            expected,
            "{fault:?}"
        );
        let created = storage
            .save_if_absent(&path("b"), "b", &SaveOptions::default())
            .await;
        assert_eq!(kind(&created), expected, "{fault:?}");
        faults.clear();
        assert_eq!(load(&storage, "a").await.unwrap(), b"old");
        assert!(!storage.exists(&path("b")).await.unwrap());
    }
}

#[tokio::test]
async fn a_lost_answer_is_worth_a_second_try() {
    let (storage, faults) = storage();
    faults.add(Rule::new(Operation::Put, When::First(1), Fault::LostAnswer));
    let options = SaveOptions::default();
    let first = storage.save_if_absent(&path("a"), "x", &options).await;
    assert_eq!(kind(&first), "temporary");
    let second = storage
        .save_if_absent(&path("a"), "x", &options)
        .await
        .unwrap();
    assert_eq!(second, Created::AlreadyThere);
    assert_eq!(load(&storage, "a").await.unwrap(), b"x");
}

#[tokio::test]
async fn a_list_is_whole_or_an_error() {
    let (storage, faults) = storage();
    for name in ["a/1", "a/2", "a/3"] {
        save(&storage, name, b"x").await.unwrap();
    }
    for (fault, expected) in [
        (Fault::Unavailable, "temporary"),
        (Fault::Denied, "denied"),
        (Fault::Broken { after: 2 }, "temporary"),
    ] {
        faults.clear();
        faults.add(Rule::new(Operation::List, When::Always, fault.clone()));
        assert_eq!(kind(&storage.list(&path("a")).await), expected, "{fault:?}");
    }
}

#[tokio::test]
async fn a_deletion_that_fails_is_an_error() {
    let (storage, faults) = storage();
    save(&storage, "a", b"x").await.unwrap();
    faults.add(Rule::new(
        Operation::Delete,
        When::First(1),
        Fault::Unavailable,
    ));
    assert_eq!(kind(&storage.delete(&path("a")).await), "temporary");
    assert!(storage.exists(&path("a")).await.unwrap());
    storage.delete(&path("a")).await.unwrap();
    assert!(!storage.exists(&path("a")).await.unwrap());
}

#[tokio::test]
async fn an_object_in_parts_that_fails_anywhere_never_appears() {
    let (storage, faults) = storage();
    save(&storage, "old", b"old").await.unwrap();
    let data = vec![1; LARGE];
    let script = [
        (Operation::Start, When::Always),
        (Operation::Part, When::Call(0)),
        (Operation::Part, When::Call(1)),
        (Operation::Part, When::Call(2)),
        (Operation::Part, When::AfterBytes(10 << 20)),
        (Operation::Complete, When::Always),
    ];
    for (operation, when) in script {
        for fault in [Fault::Unavailable, Fault::Denied] {
            faults.clear();
            faults.add(Rule::new(operation, when, fault.clone()));
            for name in ["new", "old"] {
                let written = stream(&storage, name, &data).await;
                assert_ne!(
                    kind(&written),
                    "ok",
                    "{fault:?} of {operation:?} {when:?} for {name}"
                );
                // Only the first of two writers meets the n-th call.
                faults.clear();
                faults.add(Rule::new(operation, when, fault.clone()));
            }
            faults.clear();
            assert!(!storage.exists(&path("new")).await.unwrap());
            assert_eq!(load(&storage, "old").await.unwrap(), b"old");
        }
    }
}

#[tokio::test]
async fn a_writer_is_of_no_use_after_a_failure() {
    let (storage, faults) = storage();
    faults.add(Rule::new(
        Operation::Part,
        When::First(1),
        Fault::Unavailable,
    ));
    let mut writer = storage.writer(&path("a"));
    assert_eq!(kind(&writer.write(vec![0; LARGE]).await), "temporary");
    assert_eq!(kind(&writer.write("more").await), "failed");
    assert_eq!(kind(&writer.finish().await), "failed");
    assert!(!storage.exists(&path("a")).await.unwrap());
}

fn patient(deadline: Duration) -> (Storage, Faults) {
    let (storage, faults) = storage();
    let patience = Patience {
        deadline,
        first: Duration::from_millis(1),
        longest: Duration::from_millis(10),
    };
    (storage.over_network(patience), faults)
}

#[tokio::test]
async fn over_a_network_what_fails_for_the_moment_is_tried_again() {
    let (storage, faults) = patient(Duration::from_secs(60));
    for (operation, fault) in [
        (Operation::Put, Fault::Unavailable),
        (Operation::Put, Fault::LostAnswer),
        (Operation::Get, Fault::Unavailable),
        (Operation::Get, Fault::Broken { after: 3 }),
        (Operation::Get, Fault::Truncated { after: 3 }),
        (Operation::List, Fault::Unavailable),
        (Operation::List, Fault::Broken { after: 2 }),
        (Operation::Delete, Fault::LostAnswer),
        (Operation::Start, Fault::Unavailable),
        (Operation::Complete, Fault::LostAnswer),
    ] {
        faults.clear();
        faults.add(Rule::new(operation, When::First(3), fault.clone()));
        for name in ["a/1", "a/2", "a/3", "b"] {
            save(&storage, name, b"content").await.unwrap();
            assert_eq!(load(&storage, name).await.unwrap(), b"content");
        }
        stream(&storage, "c", &vec![7; LARGE]).await.unwrap();
        assert_eq!(load(&storage, "c").await.unwrap().len(), LARGE);
        assert_eq!(storage.list(&path("a")).await.unwrap().len(), 3);
        assert_eq!(storage.list(None).await.unwrap().len(), 5);
        storage.delete(&path("b")).await.unwrap();
        assert!(!storage.exists(&path("b")).await.unwrap());
        let created = storage
            .save_if_absent(&path("b"), "once", &SaveOptions::default())
            .await
            .unwrap();
        assert!(
            matches!(created, Created::Saved(_)),
            "{operation:?} {fault:?}"
        );
    }
}

#[tokio::test]
async fn patience_ends_and_is_for_temporary_failures_alone() {
    let (storage, faults) = patient(Duration::from_millis(50));
    for (fault, expected, tries) in [
        (Fault::Unavailable, "temporary", 2..),
        (Fault::Denied, "denied", 1..),
        (Fault::NotFound, "missing", 1..),
    ] {
        faults.clear();
        let before = faults.injected().len();
        faults.add(Rule::new(Operation::Get, When::Always, fault.clone()));
        assert_eq!(kind(&load(&storage, "a").await), expected);
        let made = faults.injected().len() - before;
        assert!(tries.contains(&made), "{made} tries: {fault:?}");
        assert!(
            expected == "temporary" || made == 1,
            "{made} tries: {fault:?}"
        );
    }
}

/// Tries an operation again while its error is temporary.
async fn insist<T, F>(mut operation: impl FnMut() -> F) -> Result<T, StorageError>
where
    F: Future<Output = Result<T, StorageError>>,
{
    let mut last = operation().await;
    for _ in 0..50 {
        match last {
            Err(error) if error.is_temporary() => last = operation().await,
            _ => break,
        }
    }
    last
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_an_object_is_whole(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (storage, faults) = storage();
            faults.randomly(seed, Rates {
                unavailable: 0.15, lost_answer: 0.1, denied: 0.05, broken: 0.1, truncated: 0.1,
                corrupted: 0.0, slow: 0.05,
            });
            // What may be there: the last version known to be written, and those after it whose
            // writing failed, since an answer may be lost.
            let mut possible: Vec<Option<Vec<u8>>> = vec![None];
            for version in 1..=12_u8 {
                let data = vec![version; 30_000 + usize::from(version)];
                let written = if version % 3 == 0 {
                    stream(&storage, "a", &data).await
                } else {
                    save(&storage, "a", &data).await
                };
                if written.is_ok() {
                    possible.clear();
                }
                possible.push(Some(data));
                match insist(|| load(&storage, "a")).await {
                    Ok(found) => prop_assert!(possible.contains(&Some(found))),
                    Err(StorageError::Missing { .. }) => prop_assert!(possible.contains(&None)),
                    Err(error) => prop_assert!(
                        matches!(error, StorageError::Denied { .. } | StorageError::Temporary { .. }),
                        "{error:?}"
                    ),
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_changed_bit_in_a_packed_object_is_always_noticed(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (storage, faults) = storage();
            let data: Vec<u8> = (0..200_u8).cycle().take(5_000).collect();
            save(&storage, "a.gz", &data).await.unwrap();
            faults.randomly(seed, Rates { corrupted: 1.0, ..Rates::default() });
            match load(&storage, "a.gz").await {
                Ok(found) => prop_assert_eq!(found, data),
                Err(StorageError::Corrupt { .. }) => {}
                Err(error) => prop_assert!(false, "{error:?}"),
            }
            Ok(())
        })?;
    }
}
