//! Real arrays on a real cluster, where there is one (`cargo xtask slurm-cluster` makes one).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::containers;
use crate::project::{Project, Ran, attempts, events, files, record, wait_until};

/// One test at a time: the cluster has one node.
static CLUSTER: Mutex<()> = Mutex::new(());

#[expect(clippy::print_stderr, reason = "says that tests are skipped")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The cluster, if it answers.
fn cluster() -> Option<MutexGuard<'static, ()>> {
    let answers = Command::new("sinfo")
        .args(["-h", "-o", "%t"])
        .output()
        .is_ok_and(|output| output.status.success() && !output.stdout.is_empty());
    if !answers {
        skipped("no Slurm cluster answers (`cargo xtask slurm-cluster` makes one)");
        return None;
    }
    Some(CLUSTER.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Whether the cluster's jobs are in an accounting.
fn has_accounting() -> bool {
    let output = Command::new("sacct").args(["--noheader", "-X"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// How many tasks the test cluster's arrays take.
const ARRAY: u32 = 101;

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

fn build(project: &Project, run_id: &str) {
    let job = ["run", "job", "--local", "--exp-id", "quickstart"];
    let stage = ["--run-id", run_id, "--stage", "A"];
    project.run(&[job.as_slice(), &stage].concat()).ended(0);
}

/// The file of a task's input, set aside so that it can come back.
struct Input {
    file: PathBuf,
    bytes: Vec<u8>,
}

impl Input {
    fn take(project: &Project, run_id: &str, task: u32) -> Self {
        let name = format!("input_{task:05}.pkl.gz");
        let file = project
            .run_folder(run_id)
            .join("builder-artifacts")
            .join(name);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        Self { file, bytes }
    }

    #[expect(clippy::disallowed_methods, reason = "repairs what it damaged")]
    fn restore(&self) {
        std::fs::write(&self.file, &self.bytes).unwrap();
    }
}

/// An `apptainer` that runs this command's own stages, but that a task hangs in: task 50 always, 77
/// and 120 the first time.
const HANGS: &str = r#"
hang() { echo $$ >"$here/hangs-$task"; exec sleep 600; }
task=$APPTAINERENV_TASK_INDEX
case $task in
50) [ -e "$here/mended" ] || hang ;;
77 | 120) [ -e "$here/hangs-$task" ] || hang ;;
esac
"#;

/// Two hundred tasks, of which two fail, one hangs, one is killed and one is taken away; a second
/// session does what is left.
#[test]
fn more_tasks_than_an_array_takes_are_brought_to_their_end() {
    let Some(_cluster) = cluster() else { return };
    const N: usize = 200;
    let place = containers::Place::of(Project::many(N), HANGS);
    let project = &place.project;
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 2");
    let image = project.path().join("suite.sif").display().to_string();
    containers::write(Path::new(&image), "");
    build(project, "big");
    let missing = [3, 105].map(|task| Input::take(project, "big", task));
    let options = ["--slurm-image", &image, "--task-timeout", "6s"];
    let command = place
        .command(&arguments("big", &options))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let kill = Command::new("kill")
        .args(["-9", place.told("hangs-77").trim()])
        .status();
    assert!(kill.unwrap().success());
    place.told("hangs-120");
    let jobs = running_tasks("big", 120 % ARRAY);
    let cancel = Command::new("scancel").args(&jobs).status();
    assert!(cancel.unwrap().success(), "{jobs:?}");
    let ran = Ran::from(command.wait_with_output().unwrap()).ended(1);
    for said in [
        "3 of 200 tasks failed",
        "input_00105.pkl.gz",
        "time limit of 6 s",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    missing.iter().for_each(Input::restore);
    place.tell("mended");
    let options = ["--slurm-image", &image, "--json"];
    let ran = place.run(&arguments("big", &options)).ended(0);
    assert_eq!(events(&ran, "task_finished").len(), 3, "{}", ran.stdout);
    let expected = [("done", N), ("failed", 2), ("timed_out", 1), ("lost", 2)];
    assert_eq!(
        outcomes(project, "big"),
        expected.map(|(name, n)| (name.to_owned(), n)).into()
    );
    for attempt in attempts(project, "big") {
        check_attempt(&attempt);
    }
    assert_eq!(record(project, "big")["status"], "done");
    // The same bytes as on one machine.
    project.workflow("here", &[]).ended(0);
    assert_eq!(
        containers::artifacts(project, "here"),
        containers::artifacts(project, "big")
    );
}

/// What is kept of an attempt at one of the two hundred tasks.
fn check_attempt(attempt: &Value) {
    let has_log = attempt["log"].is_array();
    let took = attempt["duration_secs"].as_f64().unwrap();
    match attempt["outcome"].as_str().unwrap() {
        "failed" => assert!(has_log, "{attempt}"),
        "timed_out" => {
            assert_eq!(attempt["exit_code"], 124, "{attempt}");
            assert!((5.0..20.0).contains(&took), "{attempt}");
            // What was held by a task that can't say so itself, the accounting knows.
            let has_memory = attempt["peak_memory_mib"].is_f64();
            assert_eq!(has_memory, has_accounting(), "{attempt}");
        }
        "lost" => assert_eq!(attempt["blame"], "infrastructure", "{attempt}"),
        _ => assert!(attempt["peak_memory_mib"].is_f64(), "{attempt}"),
    }
}

/// Programs that a command finds before the cluster's own.
fn with_stand_in(project: &Project, name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir_in(project.path()).unwrap();
    containers::write_program(&folder.path().join(name), text);
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    (folder, path)
}

/// An orchestrator that is killed once its tasks run; the number of its array.
fn killed(project: &Project, run_id: &str) -> String {
    let mut command = project.command(&arguments(run_id, &[])).spawn().unwrap();
    let array = running(run_id);
    command.kill().unwrap();
    command.wait().unwrap();
    array
}

/// Whether the accounting knows how all jobs of an array ended.
fn is_accounted(array: &str, n: usize) -> bool {
    let output = Command::new("sacct")
        .args(["-X", "--noheader", "--format=State", "--jobs", array])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let over = |line: &&str| line.contains("COMPLETED") || line.contains("FAILED");
    text.lines().filter(over).count() == n
}

/// The orchestrator dies, its jobs end, and Slurm forgets them: the accounting still knows how they
/// ended.
#[test]
fn what_ended_while_nobody_watched_is_recorded() {
    let Some(_cluster) = cluster() else { return };
    if !has_accounting() {
        skipped("the cluster has no accounting");
        return;
    }
    let project = Project::many(3);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 1500");
    build(&project, "unseen");
    let missing = Input::take(&project, "unseen", 1);
    let array = killed(&project, "unseen");
    let known = attempts(&project, "unseen").len();
    wait_until(|| is_accounted(&array, 3));
    missing.restore();
    let forgetful = "#!/bin/sh\nif [ -e \"$0.asked\" ]; then PATH=/usr/bin:/bin exec squeue \"$@\"; \
                     fi\n: >\"$0.asked\"\necho '{\"jobs\": []}'\n";
    let (_programs, path) = with_stand_in(&project, "squeue", forgetful);
    let mut command = project.command(&arguments("unseen", &["--json"]));
    let ran = Ran::from(command.env("PATH", path).output().unwrap()).ended(0);
    let said = format!("{} attempts ended while nobody watched", 3 - known);
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    let counts = outcomes(&project, "unseen");
    assert_eq!(counts["done"], 3, "{counts:?}");
    assert_eq!(counts["failed"], 1, "{counts:?}");
    assert!(attempts(&project, "unseen").iter().all(|attempt| {
        attempt["worker"].as_str().unwrap().starts_with("slurm:")
            && attempt["started"].as_str().unwrap().ends_with('Z')
    }));
}

/// Without an answer from the accounting, `squeue` has to do.
#[test]
fn an_accounting_that_is_away_harms_nothing() {
    let Some(_cluster) = cluster() else { return };
    let project = Project::many(2);
    build(&project, "away");
    Input::take(&project, "away", 1);
    let (_programs, path) = with_stand_in(
        &project,
        "sacct",
        "#!/bin/sh\necho 'sacct: error: Problem talking to the database' >&2\nexit 1\n",
    );
    let mut command = project.command(&arguments("away", &[]));
    let ran = Ran::from(command.env("PATH", path).output().unwrap()).ended(1);
    let warned = ran
        .stderr
        .contains("`sacct` failed: sacct: error: Problem talking");
    assert_eq!(warned, has_accounting(), "{}", ran.stderr);
    assert_eq!(outcomes(&project, "away")["failed"], 1);
}

/// The tasks are built anew while the cluster has jobs of the old ones: those mustn't write over
/// what the new ones bring.
#[test]
fn jobs_of_tasks_that_were_built_anew_are_cancelled() {
    let Some(_cluster) = cluster() else { return };
    let project = Project::many(2);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 20000");
    killed(&project, "anew");
    project.edit("basemodel.yaml", "n_sims: 20000", "n_sims: 9");
    let ran = slurm(&project, "anew", &[]).ended(0);
    assert!(ran.stderr.contains("built anew since"), "{}", ran.stderr);
    assert_eq!(outcomes(&project, "anew")["done"], 2);
    project
        .run(&["reproduce", "--exp-id", "quickstart", "anew"])
        .ended(0);
}

/// The jobs of a run in some states, as `{array}_{index}`.
fn jobs(run_id: &str, states: &str) -> Vec<String> {
    let output = Command::new("squeue")
        .args(["-h", "-t", states, "-o", "%F_%K %j"])
        .output()
        .unwrap();
    let name = format!(" epycloud-{run_id}-");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| line.contains(&name));
    lines
        .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
        .collect()
}

/// Those of an index that run.
fn running_tasks(run_id: &str, index: u32) -> Vec<String> {
    let mut jobs = jobs(run_id, "RUNNING");
    jobs.retain(|job| job.ends_with(&format!("_{index}")));
    jobs
}

/// Waits until a task of the run runs on the cluster; the number of its array.
fn running(run_id: &str) -> String {
    let mut running = Vec::new();
    wait_until(|| {
        running = jobs(run_id, "RUNNING");
        !running.is_empty()
    });
    running[0].split('_').next().unwrap().to_owned()
}

/// A job that is taken away is tried again.
#[test]
fn a_job_that_is_taken_away_runs_again() {
    let Some(_cluster) = cluster() else { return };
    let project = Project::many(2);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 1500");
    let command = project
        .command(&arguments("taken", &["--json"]))
        .stdout(Stdio::piped())
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
