//! Real arrays on a real cluster, where there is one (`cargo xtask slurm-cluster` makes one).

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use epycloud_test_support::store::kills;
use serde_json::Value;

use crate::containers;
use crate::project::{Project, Ran, attempts, events, files, record};

/// One test at a time: the cluster has one node.
static CLUSTER: Mutex<()> = Mutex::new(());

/// The cluster, if it answers.
#[expect(clippy::print_stderr, reason = "says that tests are skipped")]
fn cluster() -> Option<MutexGuard<'static, ()>> {
    let answers = Command::new("sinfo")
        .args(["-h", "-o", "%t"])
        .output()
        .is_ok_and(|output| output.status.success() && !output.stdout.is_empty());
    if !answers {
        eprintln!("skipped: no Slurm cluster answers (`cargo xtask slurm-cluster` makes one)");
        return None;
    }
    Some(CLUSTER.lock().unwrap_or_else(PoisonError::into_inner))
}

const OPTIONS: [&str; 4] = ["--slurm-poll", "0.3", "--retry-delay", "0.1"];

fn arguments<'a>(run_id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "run",
        "workflow",
        "--executor",
        "slurm",
        "--exp-id",
        "quickstart",
        "--run-id",
        run_id,
    ];
    arguments.extend(OPTIONS);
    arguments.extend(more);
    arguments
}

fn slurm(project: &Project, run_id: &str, more: &[&str]) -> Ran {
    project.run(&arguments(run_id, more))
}

fn outcomes(project: &Project, run_id: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for attempt in attempts(project, run_id) {
        let outcome = attempt["outcome"].as_str().unwrap().to_owned();
        *counts.entry(outcome).or_default() += 1;
    }
    counts
}

/// Tasks some of which fail, and are made well later.
#[test]
fn more_tasks_than_an_array_takes_are_brought_to_their_end() {
    let Some(_cluster) = cluster() else { return };
    // Always more than the cluster's arrays may have; building many places takes its time.
    let n_tasks = if kills() > 10 { 200 } else { 110 };
    let project = Project::many(n_tasks);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 2");
    let job = [
        "run",
        "job",
        "--local",
        "--exp-id",
        "quickstart",
        "--run-id",
        "big",
        "--stage",
        "A",
    ];
    project.run(&job).ended(0);
    let inputs = project.run_folder("big").join("builder-artifacts");
    let damaged = ["input_00003.pkl.gz", "input_00105.pkl.gz"].map(|name| inputs.join(name));
    let whole = damaged.clone().map(|file| std::fs::read(file).unwrap());
    damaged
        .iter()
        .for_each(|file| std::fs::remove_file(file).unwrap());
    let ran = slurm(&project, "big", &[]).ended(1);
    assert!(
        ran.stderr.contains(&format!("2 of {n_tasks} tasks failed")),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("input_00105.pkl.gz"), "{}", ran.stderr);
    for (file, bytes) in damaged.iter().zip(whole) {
        #[expect(clippy::disallowed_methods, reason = "repairs what it damaged")]
        std::fs::write(file, bytes).unwrap();
    }
    let ran = slurm(&project, "big", &["--json"]).ended(0);
    assert_eq!(events(&ran, "task_finished").len(), 2, "{}", ran.stdout);
    let counts = outcomes(&project, "big");
    assert_eq!(
        counts,
        BTreeMap::from([("done".into(), n_tasks), ("failed".into(), 2)])
    );
    let failed = attempts(&project, "big");
    let failed = failed
        .iter()
        .find(|one| one["outcome"] == "failed")
        .unwrap();
    assert!(!failed["log"].as_array().unwrap().is_empty(), "{failed}");
    assert_eq!(record(&project, "big")["status"], "done");
    // The same bytes as on one machine.
    project
        .run(&["reproduce", "--exp-id", "quickstart", "big"])
        .ended(0);
}

/// Waits until a task of the run runs on the cluster; the number of its array.
fn running(run_id: &str) -> String {
    let started = Instant::now();
    loop {
        let output = Command::new("squeue")
            .args(["-h", "-t", "RUNNING", "-o", "%F %j"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let name = format!("epycloud-{run_id}-");
        if let Some(line) = text.lines().find(|line| line.contains(&name)) {
            return line.split(' ').next().unwrap().to_owned();
        }
        assert!(started.elapsed() < Duration::from_secs(60), "nothing runs");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A job that is taken away is tried again; one that hangs is ended at its limit by Slurm.
#[test]
fn a_job_that_is_taken_away_runs_again() {
    let Some(_cluster) = cluster() else { return };
    let project = Project::many(2);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 1500");
    let command = project
        .command(&arguments("taken", &["--json"]))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let array = running("taken");
    std::thread::sleep(Duration::from_millis(700));
    let cancelled = Command::new("scancel").arg(format!("{array}_0")).status();
    assert!(cancelled.unwrap().success());
    let ran = Ran::from(command.wait_with_output().unwrap()).ended(0);
    let retried: Vec<Value> = events(&ran, "task_retried");
    assert_eq!(retried.len(), 1, "{}", ran.stdout);
    assert_eq!(retried[0]["blame"], "infrastructure");
}

/// The orchestrator dies, as it does when the login node is started again: its jobs go on, and the
/// next one watches them instead of submitting them a second time.
#[test]
fn jobs_outlive_their_orchestrator_and_are_taken_over() {
    let Some(_cluster) = cluster() else { return };
    let project = Project::many(3);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 1500");
    let mut command = project
        .command(&arguments("orphans", &["--jobs", "1"]))
        .spawn()
        .unwrap();
    running("orphans");
    command.kill().unwrap();
    command.wait().unwrap();
    let ran = slurm(&project, "orphans", &["--json"]).ended(0);
    assert!(ran.stderr.contains("with Slurm already"), "{}", ran.stderr);
    assert_eq!(record(&project, "orphans")["tasks"]["done"], 3);
    let logs = project.run_folder("orphans").join("state/slurm");
    assert_eq!(files(&logs).len(), 3, "each task ran once");
}

#[test]
fn an_interrupt_cancels_the_jobs() {
    let Some(_cluster) = cluster() else { return };
    let project = Project::many(4);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 20000");
    let command = project.command(&arguments("stopped", &[])).spawn().unwrap();
    running("stopped");
    let process = command.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &process])
            .status()
            .unwrap()
            .success()
    );
    let ended = command.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(75));
    let started = Instant::now();
    loop {
        let output = Command::new("squeue")
            .args(["-h", "-o", "%j"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        if !text.contains("epycloud-stopped-") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{text}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// With a stand-in for `apptainer`, which is in no Debian release.
#[test]
fn all_stages_run_in_an_apptainer_image() {
    let Some(_cluster) = cluster() else { return };
    let place = containers::Place::new();
    let image = place.project.path().join("suite.sif");
    containers::write(&image, "");
    let image = image.display().to_string();
    place
        .run(&arguments("there", &["--slurm-image", &image]))
        .ended(0);
    place.project.workflow("here", &[]).ended(0);
    assert_eq!(
        containers::artifacts(&place.project, "here"),
        containers::artifacts(&place.project, "there")
    );
    let asked = place.asked();
    let on_nodes = asked
        .iter()
        .filter(|line| line.ends_with("suite.sif /usr/local/bin/epycloud-dispatcher"));
    assert_eq!(on_nodes.count(), 2, "{asked:#?}");
}
