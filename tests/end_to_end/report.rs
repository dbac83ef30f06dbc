//! The run's report: what it says, and that a browser shows it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::project::Project;

fn report(project: &Project, run_id: &str) -> (PathBuf, String) {
    let file = project.run_folder(run_id).join("report.html");
    let text = std::fs::read_to_string(&file).unwrap();
    (file, text)
}

/// A run with a failure in it.
fn partial() -> (Project, PathBuf, String) {
    let project = Project::many(5);
    let job = [
        "run",
        "job",
        "--local",
        "--exp-id",
        "quickstart",
        "--run-id",
        "partial",
        "--stage",
        "A",
    ];
    project.run(&job).ended(0);
    let inputs = project.run_folder("partial").join("builder-artifacts");
    std::fs::remove_file(inputs.join("input_00003.pkl.gz")).unwrap();
    let ran = project.workflow("partial", &["--allow-partial"]).ended(3);
    assert!(ran.stderr.contains("report in "), "{}", ran.stderr);
    assert!(ran.stderr.contains("task 3: "), "{}", ran.stderr);
    let (file, text) = report(&project, "partial");
    (project, file, text)
}

#[test]
fn a_report_says_what_was_run_what_failed_and_loads_nothing() {
    let (project, file, text) = partial();
    for part in [
        ">partial</span>",
        "4 of 5",
        "Place 03",
        "input_00003.pkl.gz",
        "lines of its log",
        "class=\"fan\"",
        "class=\"timeline\"",
        "<h2>Resources</h2>",
        "<td>B runner</td>",
        "Stored: inputs ",
        "on Google Cloud (e2-",
        "aria-label=\"Peak memory of a task\"",
        "SHA-256 of data/vaccination_coverage.csv",
        "prefers-color-scheme: dark",
        "@media print",
    ] {
        assert!(text.contains(part), "{part}");
    }
    for loads in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!text.contains(loads), "{loads}");
    }
    assert!(text.len() < 300_000, "{} bytes", text.len());
    // Written again by hand, it says the same.
    std::fs::remove_file(&file).unwrap();
    project
        .run(&["report", "--exp-id", "quickstart", "partial"])
        .ended(0);
    assert_eq!(report(&project, "partial").1, text);
}

#[test]
fn a_run_that_is_not_there_has_no_report() {
    let project = Project::quickstart();
    let ran = project.run(&["report", "--exp-id", "quickstart"]).ended(2);
    assert!(ran.stderr.contains("there is no run"), "{}", ran.stderr);
}

/// The script makes the filter appear and the headings sort; without an error on the way.
#[test]
fn a_browser_shows_the_report() {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| {
            Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        });
    let Some(browser) = browser else {
        eprintln!("skipped: there is no Chromium to show the report in");
        return;
    };
    let (_project, file, _) = partial();
    let profile = tempfile::tempdir().unwrap();
    let shown = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&shown.stdout);
    assert!(page.contains("class=\"tasks sortable ready\""), "{page}");
    assert!(page.contains("<p class=\"filter\">"), "the filter is shown");
}
