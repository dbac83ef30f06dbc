//! `epycloud experiment list` and `epycloud download` over a bucket in Google Cloud.

use std::collections::BTreeMap;

use epycloud_config::Environment;
use epycloud_storage::{SaveOptions, Storage};
use epycloud_test_support::gcs::GcsServer;
use epycloud_test_support::http::Trouble;

use crate::lab::{Lab, Ran};

const RUNS: [&str; 3] = [
    "202605/hosp_a/20260218-143015-a1b2c3d4",
    "202605/hosp_a/20260217-190000-def67890",
    "202605/b/20260219-143015-a1b2c3d4",
];
const LISTED: &str = "\
    --exp-id 202605/b --run-id 20260219-143015-a1b2c3d4\n\
    --exp-id 202605/hosp_a --run-id 20260218-143015-a1b2c3d4\n\
    --exp-id 202605/hosp_a --run-id 20260217-190000-def67890\n";
const DOWNLOAD: [&str; 5] = ["download", "--yes", "-e", "202605/", "--files=*"];

/// A bucket as the original leaves it: outputs without an index.
fn lab() -> Lab {
    let lab = Lab::new().and_bucket("my-bucket");
    fill(lab.bucket.as_ref().unwrap());
    lab
}

fn fill(bucket: &GcsServer) {
    let environment = Environment::from_pairs([
        ("GOOGLE_BASE_URL", bucket.url()),
        ("GOOGLE_SKIP_SIGNATURE", "true".to_owned()),
    ]);
    let storage = Storage::open_with("gs://my-bucket", &environment).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for (path, text) in objects() {
            let options = SaveOptions::as_is();
            let path = path.parse().unwrap();
            storage.save_bytes(&path, text, &options).await.unwrap();
        }
    });
}

fn objects() -> BTreeMap<String, String> {
    let mut objects = BTreeMap::new();
    for run in RUNS {
        for file in ["posterior_grid.pdf", "quantiles.csv.gz"] {
            let path = format!("pipeline/flu/{run}/outputs/20260219-000000/{file}");
            // Long enough to break off.
            objects.insert(path, format!("{run} {file}\n").repeat(2_000));
        }
    }
    objects
}

/// What was downloaded, by file, whole.
#[track_caller]
fn assert_downloaded(lab: &Lab) {
    let mut texts = Vec::new();
    for experiment in ["202605/hosp_a", "202605/b"] {
        for entry in std::fs::read_dir(lab.path().join("downloads").join(experiment)).unwrap() {
            texts.push(std::fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    // Of each experiment, the latest run's.
    let mut expected: Vec<String> = objects()
        .into_iter()
        .filter(|(path, _)| !path.contains(RUNS[1]))
        .map(|(_, text)| text)
        .collect();
    texts.sort();
    expected.sort();
    assert!(texts == expected, "{} files", texts.len());
    std::fs::remove_dir_all(lab.path().join("downloads")).unwrap();
}

#[test]
fn runs_in_a_bucket_are_listed_and_downloaded() {
    let lab = lab();
    let ran = lab
        .run(&["experiment", "list", "--format", "args"])
        .ended(0);
    assert_eq!(ran.stdout, LISTED);
    let ran = lab.run(&["experiment", "list", "--format", "uri", "-n", "1"]);
    let uri = "gs://my-bucket/pipeline/flu/202605/b/20260219-143015-a1b2c3d4/\n";
    assert_eq!(ran.ended(0).stdout, uri);
    let ran = lab.run(&["experiment", "list", "--json"]).ended(0);
    assert_eq!(ran.events("run")[0]["objects"], 2);
    let ran = lab.run(&DOWNLOAD).ended(0);
    assert!(ran.stderr.contains("4 downloaded"), "{}", ran.stderr);
    assert_downloaded(&lab);
}

#[test]
fn a_bucket_that_is_busy_or_breaks_off_is_asked_again() {
    let lab = lab();
    let mischief = lab.bucket.as_ref().unwrap().mischief();
    for trouble in [
        Trouble::Unavailable,
        Trouble::TooMany,
        Trouble::Truncated,
        Trouble::Reset,
        Trouble::LostAnswer,
    ] {
        let before = mischief.made().get(&trouble).copied().unwrap_or_default();
        mischief.next_times(trouble, 2);
        let ran = lab
            .run(&["experiment", "list", "--format", "args"])
            .ended(0);
        assert_eq!(ran.stdout, LISTED, "{trouble:?}");
        mischief.next_times(trouble, 3);
        lab.run(&DOWNLOAD).ended(0);
        assert_downloaded(&lab);
        let made = mischief.made()[&trouble] - before;
        assert_eq!(made, 5, "{trouble:?}");
    }
    mischief.randomly(11, 0.3);
    lab.run(&DOWNLOAD).ended(0);
    assert_downloaded(&lab);
    assert!(mischief.made().len() > 4, "{:?}", mischief.made());
}

#[test]
fn an_object_that_is_not_what_it_was_is_not_downloaded() {
    let lab = lab();
    let broken = format!(
        "pipeline/flu/{}/outputs/20260219-000000/quantiles.csv.gz",
        RUNS[2]
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let corrupted = lab.bucket.as_ref().unwrap().corrupt(&broken);
    assert!(runtime.block_on(corrupted).unwrap());
    let ran = lab.run(&[&DOWNLOAD[..], &["--json"]].concat()).ended(3);
    assert_eq!(ran.events("downloads")[0]["failed"], 1, "{}", ran.stdout);
    let folder = lab.path().join("downloads/202605/b");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

#[test]
fn a_bucket_that_is_not_there_is_told() {
    let lab = lab();
    for command in [&["experiment", "list"][..], &DOWNLOAD] {
        let ran: Ran = lab.run(&[command, &["--bucket", "no-bucket"]].concat());
        assert_ne!(ran.code, Some(0));
        assert!(ran.stderr.contains("no-bucket"), "{}", ran.stderr);
    }
}
