//! `epycloud build cloud` and `epycloud build status`.

use std::collections::BTreeSet;

use flate2::read::GzDecoder;

use crate::lab::{GITHUB_TOKEN, Lab, Ran, check_out};

fn run(lab: &Lab, arguments: &[&str]) -> Ran {
    let mut command = lab.command(arguments);
    command.env("PATH", std::env::var_os("PATH").unwrap());
    Ran::from(command.output().unwrap())
}

#[test]
fn a_build_is_submitted_from_the_commit_and_shown() {
    let lab = Lab::new();
    lab.write("docker/Dockerfile", "FROM scratch\n");
    check_out(lab.path());
    let commit = ["build", "cloud", "--from-commit"];
    let shown = run(&lab, &[&commit[..], &["--dry-run"]].concat()).ended(0);
    assert!(!shown.stderr.contains(GITHUB_TOKEN));
    run(&lab, &commit).ended(2);
    assert_eq!(lab.google.requests_to("/builds").len(), 0);

    let more = ["--json", "--yes", "--tag", "v2"];
    let ran = run(&lab, &[&commit[..], &more].concat()).ended(0);
    assert_eq!(ran.events("build")[0]["id"], "build-1");
    let sent = format!("{:?}", lab.google.requests_to("/builds"));
    assert!(
        sent.contains("https://github.com/my-lab/epycloud.git"),
        "{sent}"
    );
    assert!(
        sent.contains("my-project/epymodelingsuite-repo/epymodelingsuite:v2"),
        "{sent}"
    );
    assert!(
        sent.contains("projects/my-project/secrets/github-pat/versions/latest"),
        "{sent}"
    );
    assert!(!sent.contains(GITHUB_TOKEN));

    let listed = run(&lab, &["build", "status", "--json"]).ended(0);
    assert_eq!(listed.events("build")[0]["id"], "build-1");
    let table = run(&lab, &["build", "status"]).ended(0);
    assert!(table.stdout.contains("build-1"), "{}", table.stdout);
}

/// The files in the archive that a build was given, and its object's path.
fn archive(lab: &Lab) -> (BTreeSet<String>, String) {
    let bucket = lab.bucket.as_ref().unwrap().recorded();
    let put = bucket
        .iter()
        .rfind(|sent| sent.line.starts_with("PUT "))
        .unwrap();
    let path = put.line.split_whitespace().nth(1).unwrap();
    let path = [("%2D", "-"), ("%5F", "_"), ("%2F", "/"), ("%2E", ".")]
        .into_iter()
        .fold(path.to_owned(), |path, (code, sign)| {
            path.replace(code, sign)
        });
    let mut archive = tar::Archive::new(GzDecoder::new(&put.body_start[..]));
    let entries = archive.entries().unwrap();
    let names = entries.map(|entry| entry.unwrap().path().unwrap().display().to_string());
    (names.collect(), path)
}

#[test]
fn a_folder_is_sent_as_it_is_without_what_is_ignored_and_what_is_secret() {
    let lab = Lab::new().and_bucket("my-project_cloudbuild");
    for (name, text) in [
        ("docker/Dockerfile", "FROM scratch\n"),
        ("crates/a.rs", "// not committed\n"),
        (".gitignore", "/target\n"),
        ("target/large", "x"),
        (".env", "TOKEN=hunter2"),
        ("secrets.yaml", "hunter2"),
        (".git/config", "url = https://x:hunter2@github.com/a/b"),
    ] {
        lab.write(&format!("project/{name}"), text);
    }
    let build = ["build", "cloud", "project"];
    let shown = run(&lab, &[&build[..], &["--dry-run"]].concat()).ended(0);
    assert!(shown.stderr.contains("3 files"), "{}", shown.stderr);
    let told = run(&lab, &build).ended(2);
    assert!(told.stderr.contains("--yes"), "{}", told.stderr);
    assert_eq!(lab.bucket.as_ref().unwrap().recorded().len(), 0);

    let more = ["--yes", "--json", "--file", "project/docker/Dockerfile"];
    let ran = run(&lab, &[&build[..], &more].concat()).ended(0);
    assert_eq!(ran.events("build")[0]["id"], "build-1");
    let (names, path) = archive(&lab);
    let expected = [".gitignore", "crates/a.rs", "docker/Dockerfile"];
    assert!(names.iter().eq(expected.iter()), "{names:?}");
    let source = lab.google.requests_to("/builds")[0].json()["source"].clone();
    let source = &source["storageSource"];
    assert_eq!(
        format!(
            "/{}/{}",
            source["bucket"].as_str().unwrap(),
            source["object"].as_str().unwrap()
        ),
        path
    );
    let sent = format!("{:?}", lab.google.requests_to("/builds"));
    assert!(sent.contains("\\\"docker/Dockerfile\\\""), "{sent}");
}

#[test]
fn what_keeps_a_folder_from_being_sent_is_told() {
    let lab = Lab::new().and_bucket("other");
    let build = ["build", "cloud", "project", "--yes"];
    lab.write("project/notes.txt", "x");
    let told = run(&lab, &build).ended(2);
    assert!(
        told.stderr.contains("there is no Dockerfile"),
        "{}",
        told.stderr
    );
    lab.write("project/docker/Dockerfile", "FROM scratch\n");
    let told = run(&lab, &build);
    assert_ne!(told.code, Some(0));
    for expected in [
        "gs://my-project_cloudbuild",
        "buckets create",
        "--source-bucket",
    ] {
        assert!(
            told.stderr.contains(expected),
            "{expected}: {}",
            told.stderr
        );
    }
    lab.write("project/notes.txt", &format!("token: {GITHUB_TOKEN}"));
    let named = [&build[..], &["--source-bucket", "other"]].concat();
    let told = run(&lab, &named).ended(2);
    assert!(
        told.stderr.contains("`notes.txt` holds your token"),
        "{}",
        told.stderr
    );
    assert!(!told.stderr.contains(GITHUB_TOKEN));
    assert_eq!(lab.google.requests_to("/builds").len(), 0);
    lab.write("project/notes.txt", "x");
    run(&lab, &named).ended(0);
}
