//! The command is killed, and the run is gone on with: no finished task is redone, and no job is
//! submitted twice.

use std::process::Child;
use std::time::Duration;

use epycloud_test_support::google::{Fault, Misbehaviour, Recorded};
use epycloud_test_support::store::kills;

use crate::lab::{Lab, events, wait_until};

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether all jobs that were created have ended.
fn all_over(lab: &Lab) -> bool {
    let over = |request: &Recorded| {
        let id = request.query("jobId").unwrap();
        let state = lab.google.job(id)["status"]["state"].clone();
        state == "SUCCEEDED" || state == "FAILED"
    };
    lab.created().iter().all(over)
}

#[track_caller]
fn resumed(lab: &Lab) {
    lab.workflow(&[]).ended(0);
    lab.nothing_ran_twice();
    assert_eq!(lab.tables(), lab.local_tables());
}

/// The stages whose jobs can be held, and how many jobs there are by then.
const HELD: [(&str, usize); 3] = [("builder", 1), ("runner", 2), ("output", 3)];

/// A run whose command was killed while a job of the stage waited for its machines, which have
/// come by now.
fn killed_at(stage: &'static str, jobs: usize) -> Lab {
    let lab = Lab::new();
    lab.machines.hold(stage, true);
    let child = lab.start(&[]);
    wait_until(|| lab.created().len() == jobs);
    kill(child);
    lab.machines.hold(stage, false);
    lab
}

/// Once a job of the stage waits for its machines; they come when the next session is at work.
#[test]
fn a_job_that_waits_is_watched_by_the_next_session() {
    for (stage, jobs) in HELD {
        let lab = killed_at(stage, jobs);
        resumed(&lab);
    }
}

/// The jobs come to their end while nobody looks.
#[test]
fn what_was_done_while_nobody_looked_counts() {
    for (stage, jobs) in HELD {
        let lab = killed_at(stage, jobs);
        wait_until(|| all_over(&lab));
        resumed(&lab);
    }
}

#[test]
fn a_job_of_which_some_tasks_are_done_is_watched_for_the_others() {
    let lab = Lab::new();
    let child = lab.start(&["--max-parallelism", "1"]);
    wait_until(|| lab.started("runner").contains_key(&2));
    kill(child);
    let ran = lab.workflow(&["--max-parallelism", "1"]).ended(0);
    lab.nothing_ran_twice();
    assert!(events(&ran, "task_finished").len() < 5);
    assert_eq!(lab.tables(), lab.local_tables());
}

/// Wherever in a run the command dies.
#[test]
fn a_session_that_is_killed_at_any_moment_costs_nothing() {
    let times = kills().div_ceil(5);
    for time in 0..times {
        let lab = Lab::new();
        let child = lab.start(&["--max-parallelism", "2"]);
        let moment = Duration::from_millis(2_000) * time / times;
        std::thread::sleep(moment);
        kill(child);
        resumed(&lab);
    }
}

/// The answer to the creation never arrived, and the session died with it.
#[test]
fn a_job_that_the_session_never_heard_of_is_found() {
    let lab = Lab::new();
    lab.machines.hold("runner", true);
    let slow = Misbehaviour::Slow(Duration::from_secs(20));
    let child = lab.start(&[]);
    wait_until(|| lab.started("builder").len() == 1);
    lab.google.script(Fault::once("/jobs", slow).method("POST"));
    wait_until(|| lab.created().len() == 2);
    kill(child);
    lab.machines.hold("runner", false);
    resumed(&lab);
}

#[test]
fn the_latest_run_of_the_bucket_is_gone_on_with() {
    let lab = Lab::new();
    lab.workflow(&["--skip-output"]).ended(0);
    lab.client("--exp-id tiny --resume --yes --poll 0.05")
        .ended(0);
    lab.nothing_ran_twice();
    let ran = lab.client("--exp-id tiny --resume try-2 --yes").ended(2);
    assert!(ran.stderr.contains("has no run `try-2`"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("did you mean `try-1`"),
        "{}",
        ran.stderr
    );
}
