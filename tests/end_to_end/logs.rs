//! The log that a run on this machine keeps.

use std::process::Stdio;

use crate::project::{Project, Ran, events, wait_until};

fn logs(project: &Project, more: &[&str]) -> Ran {
    let mut arguments = vec!["logs", "--exp-id", "quickstart"];
    arguments.extend(more);
    project.run(&arguments)
}

#[test]
fn kept_logs_are_shown_by_stage_task_level_and_time() {
    let project = Project::quickstart();
    let ran = logs(&project, &[]).ended(2);
    assert!(ran.stderr.contains("no run"), "{}", ran.stderr);
    project.workflow("one", &[]).ended(0);
    let shown = |more: &[&str]| {
        let mut arguments = vec!["--run-id", "one", "--tail", "0", "--json"];
        arguments.extend(more);
        events(&logs(&project, &arguments).ended(0), "log")
    };
    let all = shown(&[]);
    for stage in ["builder", "runner", "output"] {
        assert!(
            all.iter().any(|entry| entry["stage"] == stage),
            "{stage}: {all:#?}"
        );
    }
    let letter = shown(&["--stage", "B"]);
    assert!(!letter.is_empty());
    assert_eq!(letter, shown(&["--stage", "runner"]));
    assert!(letter.iter().all(|entry| entry["stage"] == "runner"));
    let first = shown(&["--stage", "B", "--task-index", "0"]);
    assert!(!first.is_empty() && first.len() < letter.len());
    assert!(first.iter().all(|entry| entry["task_index"] == 0));
    assert!(shown(&["--level", "error"]).is_empty());
    assert_eq!(shown(&["--since", "1h"]), all);
    let last = logs(&project, &["--tail", "1"]).ended(0).stdout;
    assert_eq!(last.lines().count(), 1, "{last}");
    // In local time with its zone, how grave, where, what.
    let mut command = project.command(&["logs", "--exp-id", "quickstart", "--tail", "1"]);
    let ran = Ran::from(command.env("TZ", "Asia/Tokyo").output().unwrap()).ended(0);
    assert!(ran.stdout.contains(" JST INFO"), "{}", ran.stdout);
}

#[test]
fn an_attempt_that_failed_is_in_the_log() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 100000");
    project
        .workflow("slow", &["--task-timeout", "0.3", "--retries", "0"])
        .ended(1);
    let ran = logs(&project, &["--level", "error"]).ended(0);
    assert!(ran.stdout.contains("time limit of 0.3 s"), "{}", ran.stdout);
    let ran = logs(&project, &["--run-id", "slwo"]).ended(2);
    assert!(
        ran.stderr.contains("did you mean `slow`?"),
        "{}",
        ran.stderr
    );
    let mut mistyped = project.command(&["logs", "--exp-id", "quickstat"]);
    let ran = Ran::from(mistyped.output().unwrap()).ended(2);
    assert!(
        ran.stderr.contains("did you mean `quickstart`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn following_shows_every_line_once_and_ends_with_the_run() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 600");
    let arguments = [
        "run",
        "workflow",
        "--local",
        "--exp-id",
        "quickstart",
        "--run-id",
        "followed",
    ];
    let mut run = project
        .command(&arguments)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until(|| project.run_folder("followed").join("run.json").exists());
    let ran = logs(
        &project,
        &["--follow", "--interval", "0.2", "--tail", "0", "--json"],
    )
    .ended(0);
    run.wait().unwrap();
    let whole = logs(&project, &["--tail", "0", "--json"]).ended(0);
    let sorted = |ran: &Ran| {
        let mut lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&ran), sorted(&whole));
}
