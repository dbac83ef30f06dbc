//! Workers that die, and runs that are stopped.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{Project, Ran};

/// How long anything that should happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn slow_project() -> Project {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 3000");
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
        "--jobs",
        "2",
    ];
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

fn finish(command: Child) -> Ran {
    Ran::from(command.wait_with_output().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_fails_its_task_and_no_other() {
    let project = slow_project();
    let command = start(&project, "killed", &[]);
    signal(workers(&command, 2)[0], "-9");
    let ran = finish(command).ended(1);
    assert!(ran.stderr.contains("1 of 2 tasks failed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("ended by signal 9"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--allow-partial"), "{}", ran.stderr);
    assert!(!project.run_folder("killed").join("outputs").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn partial_results_have_an_exit_code_of_their_own_and_name_what_is_missing() {
    let project = slow_project();
    let command = start(&project, "partial", &["--allow-partial"]);
    signal(workers(&command, 2)[0], "-9");
    let ran = finish(command).ended(3);
    assert!(
        ran.stderr.contains("the outputs lack 1 of 2 tasks"),
        "{}",
        ran.stderr
    );
    let index = std::fs::read_to_string(project.outputs("partial").join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["tasks"]["missing"].as_array().unwrap().len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_run_ends_its_workers() {
    for (name, code) in [("-INT", 130), ("-TERM", 75)] {
        let project = slow_project();
        let command = start(&project, "stopped", &[]);
        let workers = workers(&command, 2);
        signal(command.id(), name);
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
