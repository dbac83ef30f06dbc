//! Workers that die, and runs that are stopped.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{PATIENCE, Project, Ran, attempts, events, record};

fn slow_project() -> Project {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 1200");
    project
}

fn start(project: &Project, run_id: &str, more: &[&str]) -> Child {
    let mut arguments = vec![
        "run",
        "workflow",
        "--local",
        "--exp-id",
        "quickstart",
        "--run-id",
        run_id,
    ];
    if !more.contains(&"--max-parallelism") {
        arguments.extend(["--jobs", "2"]);
    }
    arguments.extend(more);
    let mut command = project.command(&arguments);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The workers of a running command, once there are `n` of them that have begun a task.
fn workers(command: &Child, n: usize) -> Vec<u32> {
    let started = Instant::now();
    loop {
        let children = format!("/proc/{0}/task/{0}/children", command.id());
        let found: Vec<u32> = std::fs::read_to_string(children)
            .unwrap_or_default()
            .split_whitespace()
            .map(|process| process.parse().unwrap())
            .filter(|process| cpu_ticks(*process) > 5)
            .collect();
        if found.len() == n {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{found:?} of {n} workers");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Processor time of a process in hundredths of a second: a worker that used some is simulating.
fn cpu_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name
        .split_whitespace()
        .nth(11)
        .and_then(|ticks| ticks.parse().ok())
        .unwrap_or(0)
}

fn signal(process: u32, name: &str) {
    let sent = Command::new("kill")
        .args([name, &process.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn record_status(project: &Project, run_id: &str) -> String {
    record(project, run_id)["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn finish(command: Child) -> Ran {
    Ran::from(command.wait_with_output().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_costs_an_attempt_and_no_task() {
    let project = slow_project();
    let command = start(&project, "retried", &["--retry-delay", "0.1", "--json"]);
    signal(workers(&command, 2)[0], "-9");
    let ran = finish(command).ended(0);
    assert!(ran.stderr.contains("ended by signal 9"), "{}", ran.stderr);
    let retried = events(&ran, "task_retried");
    assert_eq!(retried.len(), 1, "{}", ran.stdout);
    assert_eq!(retried[0]["outcome"], "lost");
    assert_eq!(retried[0]["blame"], "infrastructure");
    let attempts = attempts(&project, "retried");
    let outcomes: Vec<&str> = attempts
        .iter()
        .map(|attempt| attempt["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == "done")
            .count(),
        2
    );
    let lost = attempts.iter().find(|attempt| attempt["outcome"] == "lost");
    let lost = lost.expect("the attempt that was killed is kept");
    assert_eq!(lost["signal"], 9);
    assert!(lost["duration_secs"].as_f64().unwrap() > 0.0);
    assert!(
        lost["log"].to_string().contains("task"),
        "its log is kept: {lost}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_fails_its_task_and_no_other() {
    let project = slow_project();
    let command = start(&project, "killed", &["--retries", "0"]);
    signal(workers(&command, 2)[0], "-9");
    // Another attempt may succeed: nothing is wrong with the task.
    let ran = finish(command).ended(75);
    assert!(ran.stderr.contains("1 of 2 tasks failed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("ended by signal 9"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--allow-partial"), "{}", ran.stderr);
    assert!(!project.run_folder("killed").join("outputs").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn partial_results_have_an_exit_code_of_their_own_and_name_what_is_missing() {
    let project = slow_project();
    let command = start(&project, "partial", &["--allow-partial", "--retries", "0"]);
    signal(workers(&command, 2)[0], "-9");
    let ran = finish(command).ended(3);
    assert!(
        ran.stderr.contains("the outputs lack 1 of 2 tasks"),
        "{}",
        ran.stderr
    );
    let index = std::fs::read_to_string(project.outputs("partial").join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let missing = index["tasks"]["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0]["failure"], "the worker was ended by signal 9");
    let record = record(&project, "partial");
    assert_eq!(record["status"], "partial");
    assert_eq!(record["tasks"]["done"], 1);
    assert_eq!(
        record["tasks"]["missing"][0]["cause"],
        "the worker was ended by signal 9"
    );
    // Resuming makes what is missing, and whole outputs beside the partial ones.
    project.workflow("partial", &[]).ended(0);
    assert_eq!(record_status(&project, "partial"), "done");
    let folders = std::fs::read_dir(project.run_folder("partial").join("outputs"));
    assert_eq!(folders.unwrap().count(), 2);
}

#[test]
#[cfg(target_os = "linux")]
fn fewer_results_than_the_ratio_asks_for_fail() {
    let project = slow_project();
    let arguments = ["--min-success-ratio", "0.9", "--retries", "0"];
    let command = start(&project, "few", &arguments);
    signal(workers(&command, 2)[0], "-9");
    let ran = finish(command).ended(1);
    assert!(
        ran.stderr
            .contains("50.0 % of the tasks are fewer than the 90.0 %"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_task_that_takes_too_long_or_too_much_is_ended() {
    let project = slow_project();
    project.edit("basemodel.yaml", "n_sims: 1200", "n_sims: 100000");
    for (run_id, limit, told) in [
        ("slow", ["--task-timeout", "0.3"], "time limit of 0.3 s"),
        ("large", ["--task-memory", "60M"], "memory limit"),
    ] {
        let ran = project.workflow(run_id, &limit).ended(1);
        assert!(ran.stderr.contains("all 2 tasks failed"), "{}", ran.stderr);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        for attempt in attempts(&project, run_id) {
            assert_eq!(attempt["blame"], "application", "{attempt}");
        }
    }
    assert!(
        attempts(&project, "large")[0]["peak_memory_mib"]
            .as_f64()
            .unwrap()
            > 60.0
    );
}

#[test]
#[cfg(target_os = "linux")]
fn the_first_interrupt_lets_running_tasks_end_and_the_run_resumes() {
    let project = slow_project();
    let command = start(&project, "drained", &["--max-parallelism", "1"]);
    workers(&command, 1);
    signal(command.id(), "-INT");
    let ran = finish(command).ended(130);
    assert!(ran.stderr.contains("again to stop now"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 of 2 tasks done"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--resume drained"), "{}", ran.stderr);
    assert_eq!(record_status(&project, "drained"), "stopped");
    let ran = project.workflow("drained", &["--json"]).ended(0);
    assert_eq!(events(&ran, "task_started").len(), 1, "{}", ran.stdout);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_run_ends_its_workers() {
    for (name, code) in [("-INT", 130), ("-TERM", 75)] {
        let project = slow_project();
        let command = start(&project, "stopped", &[]);
        let workers = workers(&command, 2);
        signal(command.id(), name);
        if code == 130 {
            // Once more, so that it doesn't wait for the tasks.
            std::thread::sleep(Duration::from_millis(50));
            signal(command.id(), name);
        }
        finish(command).ended(code);
        let started = Instant::now();
        while workers
            .iter()
            .any(|worker| std::path::Path::new(&format!("/proc/{worker}")).exists())
        {
            assert!(started.elapsed() < PATIENCE, "workers outlive the command");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(!project.run_folder("stopped").join("outputs").exists());
    }
}
