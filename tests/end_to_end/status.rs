//! How runs stand, as another process sees it.

use std::process::Stdio;
use std::time::Duration;

use crate::project::{Project, events, wait_until};

#[test]
fn finished_runs_are_listed() {
    let project = Project::quickstart();
    project.run(&["status"]).ended(2);
    project.workflow("one", &["--skip-output"]).ended(0);
    project.workflow("two", &["--skip-output"]).ended(0);
    let ran = project.run(&["status"]).ended(0);
    assert!(
        ran.stdout.contains("one") && ran.stdout.contains("two"),
        "{}",
        ran.stdout
    );
    let ran = project.run(&["status", "one", "--json"]).ended(0);
    let status = &events(&ran, "status")[0];
    assert_eq!(status["status"], "done");
    assert_eq!((&status["done"], &status["tasks"]), (&2.into(), &2.into()));
}

#[test]
fn a_run_is_watched_until_it_is_killed() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 6000");
    let mut run = project
        .command(&[
            "run",
            "workflow",
            "--local",
            "--exp-id",
            "quickstart",
            "--run-id",
            "watched",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let record = project.run_folder("watched").join("run.json");
    wait_until(|| record.exists());
    let watching = project
        .command(&[
            "status",
            "watched",
            "--watch",
            "--json",
            "--interval",
            "0.05",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    run.kill().unwrap();
    run.wait().unwrap();
    let ran = crate::project::Ran::from(watching.wait_with_output().unwrap()).ended(0);
    let seen = events(&ran, "status");
    assert_eq!(seen[0]["status"], "running", "{}", ran.stdout);
    assert_eq!(seen.last().unwrap()["status"], "killed", "{}", ran.stdout);
}
