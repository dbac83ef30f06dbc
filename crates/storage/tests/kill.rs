//! A process that writes may be killed at any moment: what is there afterwards is whole.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "its helpers fail the test; the child reports by printing"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use epycloud_storage::{LoadOptions, LocalStore, SaveOptions, Storage, StoragePath};
use epycloud_test_support::store::{kill_repeatedly, kills};
use serde_json::{Value, json};

/// The variable that makes `writes_until_it_is_killed` write, into the folder it names.
const FOLDER: &str = "EPYCLOUD_KILLED_CHILD_FOLDER";

fn path(name: &str) -> StoragePath {
    name.parse().unwrap()
}

/// Content that says of itself whether it is whole: its length, and one byte throughout.
fn content(version: u64, length: usize) -> Vec<u8> {
    let mut data = (length as u64).to_le_bytes().to_vec();
    data.resize(length, u8::try_from(version % 251).unwrap());
    data
}

fn is_whole(data: &[u8]) -> bool {
    let Some((length, rest)) = data.split_first_chunk::<8>() else {
        return false;
    };
    u64::from_le_bytes(*length) == data.len() as u64
        && rest
            .first()
            .is_none_or(|first| rest.iter().all(|byte| byte == first))
}

/// The child: not a test by itself.
#[test]
#[ignore = "it is started, and killed, by another test"]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(write_for_ever(&Storage::local(Path::new(&folder)).unwrap()));
}

async fn write_for_ever(storage: &Storage) {
    println!("\nready");
    for version in 0.. {
        let name = format!("small/{}.gz", version % 7);
        let data = content(version, 5_000 + usize::try_from(version % 1_000).unwrap());
        storage
            .save_bytes(&path(&name), data, &SaveOptions::default())
            .await
            .unwrap();
        println!("{name}");

        let name = format!("deep/er/{version}/value.json");
        let value = json!({"version": version, "text": "x".repeat(10_000)});
        storage.save_json(&path(&name), &value).await.unwrap();
        println!("{name}");

        let name = format!("once/{version}");
        let data = content(version, 1_000);
        storage
            .save_if_absent(&path(&name), data, &SaveOptions::default())
            .await
            .unwrap();
        println!("{name}");

        if version % 2 == 0 {
            let mut writer = storage.writer(&path("large/streamed"));
            for piece in content(version, 17 << 20).chunks(1 << 20) {
                writer.write(piece).await.unwrap();
            }
            writer.finish().await.unwrap();
            println!("large/streamed");
        }
    }
}

#[test]
fn what_a_killed_process_leaves_is_whole() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(folder.path()).unwrap();
    let child = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "writes_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ]);
        command.env(FOLDER, folder.path());
        command
    };
    let mut finished = BTreeSet::new();
    kill_repeatedly(kills(), Duration::from_millis(150), child, |kill, lines| {
        finished.extend(lines);
        runtime.block_on(check(&storage, &finished, kill));
        clear_unless_few(folder.path(), &mut finished);
    })
    .unwrap();

    LocalStore::new(folder.path().to_owned())
        .sweep(Duration::ZERO)
        .unwrap();
    assert_eq!(
        unfinished(folder.path()),
        0,
        "a sweep removes what the killed left"
    );
    runtime.block_on(check(&storage, &finished, kills()));
}

/// Everything listed is whole, and everything the child said it had written is listed.
async fn check(storage: &Storage, finished: &BTreeSet<String>, kill: u32) {
    let listed = storage.list(None).await.unwrap();
    for found in &listed {
        let name = found.path.as_str();
        assert!(!name.contains('~'), "kill {kill}: {name} is unfinished");
        if name.ends_with(".json") {
            let value: Value = storage.load_json(&found.path).await.unwrap();
            assert_eq!(
                value["text"].as_str().unwrap().len(),
                10_000,
                "kill {kill}: {name}"
            );
        } else {
            let data = storage
                .load_bytes(&found.path, &LoadOptions::default())
                .await
                .unwrap();
            assert!(is_whole(&data), "kill {kill}: {name} is torn");
        }
    }
    let listed: BTreeSet<_> = listed.iter().map(|found| found.path.as_str()).collect();
    for name in finished
        .iter()
        .filter(|name| name.parse::<StoragePath>().is_ok())
    {
        assert!(
            listed.contains(name.as_str()),
            "kill {kill}: {name} was written and is gone"
        );
    }
}

/// Many kills leave many files; each round's check reads them all.
fn clear_unless_few(folder: &Path, finished: &mut BTreeSet<String>) {
    for name in ["once", "deep"] {
        let folder = folder.join(name);
        if std::fs::read_dir(&folder).is_ok_and(|entries| entries.count() > 300) {
            std::fs::remove_dir_all(&folder).unwrap();
            finished.retain(|written| !written.starts_with(name));
        }
    }
}

fn unfinished(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().ends_with("~epycloud");
            if path.is_dir() {
                unfinished(&path)
            } else {
                usize::from(name)
            }
        })
        .sum()
}
