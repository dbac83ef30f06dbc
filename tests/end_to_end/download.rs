//! Outputs of runs in a folder.

use std::path::{Path, PathBuf};

use crate::project::{Project, Ran, events, files};

const OLD: &str = "202605/hosp_a/20260217-190000-def67890";
const NEW: &str = "202605/hosp_a/20260218-143015-a1b2c3d4";
const OTHER: &str = "202605/b/20260218-143015-a1b2c3d4";

/// A bucket as the original leaves it: outputs without an index.
#[expect(clippy::disallowed_methods, reason = "a test's own input")]
fn project() -> Project {
    let project = Project::quickstart();
    for run in [OLD, NEW, OTHER] {
        for file in [
            "posterior_grid.pdf",
            "categorical_rate_trends.pdf",
            "quantiles.csv.gz",
        ] {
            let path = source(&project, run, file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, format!("{run} {file}")).unwrap();
        }
    }
    project
}

fn source(project: &Project, run: &str, file: &str) -> PathBuf {
    project
        .path()
        .join("local/bucket/pipeline/flu")
        .join(run)
        .join("outputs/20260219-000000")
        .join(file)
}

fn download(project: &Project, more: &[&str]) -> Ran {
    let mut arguments = vec!["download", "--yes"];
    arguments.extend(more);
    project.run(&arguments)
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

#[test]
fn the_usual_plots_of_the_latest_runs_are_downloaded() {
    let project = project();
    let ran = download(&project, &["-e", "202605/"]).ended(0);
    assert_eq!(
        names(&project.path().join("downloads")),
        [
            "202605/b/202605_b_20260218-143015-a1b2c3d4_outputs_20260219-000000_posterior_grid.pdf",
            "202605/hosp_a/202605_hosp_a_20260218-143015-a1b2c3d4_outputs_20260219-000000_categorical_rate_trends.pdf",
            "202605/hosp_a/202605_hosp_a_20260218-143015-a1b2c3d4_outputs_20260219-000000_posterior_grid.pdf",
        ]
    );
    assert!(ran.stderr.contains("3 downloaded"), "{}", ran.stderr);
    // What is the same stays.
    let ran = download(&project, &["-e", "202605/", "--json"]).ended(0);
    assert_eq!(events(&ran, "downloads")[0]["kept"], 3, "{}", ran.stdout);
}

#[test]
fn names_files_and_folders_are_those_asked_for() {
    let project = project();
    let short = ["-e", "202605/hosp_*", "--name-format", "short", "-o", "out"];
    let mut arguments = short.to_vec();
    arguments.extend(["--files", "*.csv.gz, posterior_*", "--nest-runs"]);
    download(&project, &arguments).ended(0);
    assert_eq!(
        names(&project.path().join("out")),
        [
            "202605/hosp_a/20260218-143015-a1b2c3d4/posterior_grid.pdf",
            "202605/hosp_a/20260218-143015-a1b2c3d4/quantiles.csv.gz",
        ]
    );
    // Compressed files arrive as they are stored.
    let got = files(&project.path().join("out"));
    let stored = std::fs::read(source(&project, NEW, "quantiles.csv.gz")).unwrap();
    assert!(got.values().any(|bytes| *bytes == stored));
    let ran = download(&project, &["-e", "202605/b", "--files", "*.svg"]).ended(1);
    assert!(ran.stderr.contains("there are"), "{}", ran.stderr);
    let ran = download(&project, &["-e", "202605/bb"]).ended(2);
    assert!(
        ran.stderr.contains("no experiment matches"),
        "{}",
        ran.stderr
    );
    download(
        &project,
        &[
            "-e",
            "202605/hosp_a",
            "--run-id",
            "20260217-190000-def67890",
        ],
    )
    .ended(0);
    let prefixed = ["-e", "202605/b", "--dir-prefix", "pipeline/covid"];
    download(&project, &prefixed).ended(2);
    let folder = project.path().join("local/bucket");
    let bucket = [
        "-e",
        "202605/b",
        "--bucket",
        folder.to_str().unwrap(),
        "-o",
        "named",
    ];
    download(&project, &bucket).ended(0);
}

#[test]
fn long_and_short_options_mean_the_same() {
    let project = project();
    for (folder, filter, output, yes) in [
        ("one", "--exp-filter", "--output-dir", "--yes"),
        ("two", "-e", "-o", "-y"),
    ] {
        let words = ["download", filter, "202605/", output, folder, yes];
        project.run(&words).ended(0);
    }
    let [one, two] = ["one", "two"].map(|folder| files(&project.path().join(folder)));
    assert!(one == two && one.len() == 3);
}

#[test]
fn lesson_18_a_file_of_the_same_name_is_never_stale() {
    let project = project();
    let short = ["-e", "202605/hosp_a", "--name-format", "short"];
    let mut old = short.to_vec();
    old.extend(["--run-id", "20260217-190000-def67890"]);
    download(&project, &old).ended(0);
    let ran = download(&project, &short).ended(0);
    assert!(ran.stderr.contains("2 replaced"), "{}", ran.stderr);
    let file = project
        .path()
        .join("downloads/202605/hosp_a/posterior_grid.pdf");
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text, format!("{NEW} posterior_grid.pdf"));
    // Two files of one name are refused before either is written.
    let again = source(&project, NEW, "x").with_file_name("");
    let second = again.parent().unwrap().join("20260220-000000");
    std::fs::create_dir_all(&second).unwrap();
    std::fs::copy(
        source(&project, NEW, "posterior_grid.pdf"),
        second.join("posterior_grid.pdf"),
    )
    .unwrap();
    let mut all = short.to_vec();
    all.extend(["--all-outputs", "-o", "both"]);
    let ran = download(&project, &all).ended(2);
    assert!(ran.stderr.contains("--name-format long"), "{}", ran.stderr);
    assert!(!project.path().join("both").exists());
}

#[test]
fn lesson_18_a_partial_failure_is_no_success() {
    let project = project();
    // A folder in the place of a file: that one can't be written.
    let long = "202605_b_20260218-143015-a1b2c3d4_outputs_20260219-000000_posterior_grid.pdf";
    let in_the_way = project.path().join("downloads/202605/b").join(long);
    std::fs::create_dir_all(in_the_way.join("x")).unwrap();
    let ran = download(&project, &["-e", "202605/", "--json"]).ended(3);
    let done = &events(&ran, "downloads")[0];
    assert_eq!(
        (&done["failed"], &done["downloaded"]),
        (&1.into(), &2.into()),
        "{}",
        ran.stdout
    );
    download(&project, &["-e", "202605/b"]).ended(1);
}

#[test]
fn lesson_17_a_dry_run_downloads_nothing_and_nobody_is_asked_twice() {
    let project = project();
    for arguments in [
        ["--dry-run", "download", "-e", "202605/"],
        ["download", "-e", "202605/", "--dry-run"],
    ] {
        let ran = project.run(&arguments).ended(0);
        assert!(
            ran.stderr.contains("Would download 3 files"),
            "{}",
            ran.stderr
        );
    }
    // Nobody is there to be asked.
    project.run(&["download", "-e", "202605/"]).ended(2);
    assert!(!project.path().join("downloads").exists());
}

#[test]
fn an_index_decides_which_outputs_are_whole_and_what_their_bytes_are() {
    let project = Project::quickstart();
    project.workflow("one", &[]).ended(0);
    let outputs = project.outputs("one");
    let unfinished = outputs.parent().unwrap().join("99990101-000000");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::copy(
        outputs.join("index.json"),
        unfinished.join("model_metadata.csv.gz"),
    )
    .unwrap();
    let arguments = [
        "-e",
        "quickstart",
        "--files",
        "model_metadata*",
        "--name-format",
        "short",
    ];
    download(&project, &arguments).ended(0);
    let got = files(&project.path().join("downloads/quickstart"));
    let whole = std::fs::read(outputs.join("model_metadata.csv.gz")).unwrap();
    assert_eq!(got.values().next(), Some(&whole));
}
