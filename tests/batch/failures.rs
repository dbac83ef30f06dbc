//! Tasks and jobs that fail: whose fault it is, what follows, and what is told.

use epycloud_test_support::google::{Fault, Misbehaviour, Mishap};
use serde_json::{Value, json};

use crate::lab::{Lab, TASKS, events, wait_until};
use crate::ran::Ran;

/// The variables that a job's tasks are told, each its own.
fn own_variables(job: &Value) -> Vec<&str> {
    let own = job["taskGroups"][0]["taskEnvironments"].as_array().unwrap();
    let told = own
        .iter()
        .map(|own| own["variables"]["TASK_INDEX"].as_str());
    told.map(Option::unwrap).collect()
}

#[test]
fn what_fails_by_itself_is_submitted_again_alone() {
    let lab = Lab::new();
    lab.fails(2, 1, 1);
    lab.fails(4, 1, 1);
    lab.workflow(&["--application-retries", "1"]).ended(0);
    let created = lab.created();
    assert_eq!(created.len(), 4, "A, B, B again, C");
    assert_eq!(own_variables(&created[2].json()), ["2", "4"]);
    let started = lab.started("runner");
    assert_eq!((started[&1], started[&2], started[&4]), (1, 2, 2));
    assert_eq!(lab.outcomes(2), ["failed", "done"]);
    assert_eq!(lab.tables(), lab.local_tables());
}

#[test]
fn without_a_budget_it_fails_the_run_and_is_named() {
    let lab = Lab::new();
    lab.fails(2, 1, 9);
    let ran = lab.workflow(&[]).ended(1);
    assert!(
        ran.stderr.contains("1 of 5 tasks failed; task 2"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("exit code 1"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("epycloud logs --job-name"),
        "{}",
        ran.stderr
    );
    assert_eq!(lab.started("output").len(), 0);
    assert_eq!(lab.record()["tasks"]["missing"][0]["task"], 2);
    // What is done stays done.
    let again = lab.workflow(&["--allow-partial", "--explain"]).ended(3);
    let explained: Vec<Value> = events(&again, "task_explained");
    let runs: Vec<bool> = explained.iter().map(|task| task["runs"] == true).collect();
    assert_eq!(runs, [false, false, true, false, false]);
}

#[test]
fn partial_results_are_written_where_they_are_allowed_and_say_what_they_lack() {
    let lab = Lab::new();
    lab.fails(2, 1, 9);
    let ran = lab.workflow(&["--allow-partial"]).ended(3);
    let ended = &events(&ran, "ended")[0];
    assert_eq!(ended["failed"][0]["task"], 2);
    assert_eq!(events(&ran, "written")[0]["missing"], json!([2]));
    assert_eq!(lab.record()["status"], "partial");
    assert_eq!(lab.record()["outputs"]["missing"], json!([2]));
    lab.fails(3, 1, 9);
    let fewer = Lab::new();
    fewer.fails(2, 1, 9);
    let ran = fewer.workflow(&["--min-success-ratio", "0.9"]).ended(1);
    assert!(ran.stderr.contains("80.0 %"), "{}", ran.stderr);
}

/// A pre-emption is Batch's to repeat, and no attempt of the task's own.
#[test]
fn what_machines_fail_is_repeated_by_batch_and_counted_apart() {
    let lab = Lab::new();
    lab.fails(1, 50_001, 2);
    let ran = lab.workflow(&["--retries", "0"]).ended(0);
    assert_eq!(lab.created().len(), 3, "A, B, C");
    assert_eq!(lab.started("runner")[&1], 3);
    assert_eq!(lab.outcomes(1), ["lost", "lost", "done"]);
    let retried: Vec<Value> = events(&ran, "task_retried");
    assert_eq!(retried.len(), 2);
    assert_eq!(retried[0]["blame"], "infrastructure");
}

#[test]
fn a_task_that_spot_machines_lose_again_and_again_gets_a_standard_one() {
    let lab = Lab::new();
    lab.machines.script(Mishap {
        stage: "runner",
        task: 3,
        exit_code: 50_001,
        times: 9,
        only_on_spot: true,
    });
    lab.workflow(&["--spot"]).ended(0);
    let executions = lab.machines.executions();
    let of_task = executions
        .iter()
        .filter(|one| one.stage == "runner" && one.task == 3);
    let spot: Vec<bool> = of_task.map(|one| one.spot).collect();
    assert_eq!(spot, [true, true, true, true, false]);
    let others = executions.iter().filter(|one| one.stage != "runner");
    assert!(others.into_iter().all(|one| !one.spot), "stages A and C");
    assert_eq!(lab.tables(), lab.local_tables());
}

#[test]
fn a_task_that_ran_out_of_memory_gets_more_where_there_is_more() {
    let lab = Lab::new();
    lab.fails(0, 137, 1);
    lab.workflow(&[]).ended(0);
    let executions = lab.machines.executions();
    let of_task = executions
        .iter()
        .filter(|one| one.stage == "runner" && one.task == 0);
    let memory: Vec<u64> = of_task.map(|one| one.memory_mib).collect();
    assert_eq!(memory[1], memory[0] * 2);
    assert_eq!(lab.outcomes(0), ["out_of_memory", "done"]);

    let whole = Lab::new();
    whole.fails(0, 137, 9);
    let ran = whole
        .workflow(&["--stage-b-machine-type", "n2-standard-2"])
        .ended(75);
    assert!(
        ran.stderr.contains("all 8192 MiB of its machine"),
        "{}",
        ran.stderr
    );
    assert_eq!(whole.started("runner")[&0], 1);
}

#[test]
fn a_job_that_somebody_deletes_has_failed() {
    let lab = Lab::new();
    lab.machines.hold("runner", true);
    let child = lab.start(&[]);
    wait_until(|| lab.created().len() == 2);
    let id = lab.created()[1].query("jobId").unwrap().to_owned();
    lab.google.change(
        &id,
        &json!({ "status": { "state": "DELETION_IN_PROGRESS" } }),
    );
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(1);
    assert!(
        ran.stderr.contains("DELETION_IN_PROGRESS"),
        "{}",
        ran.stderr
    );
    assert_eq!(lab.started("output").len(), 0);
}

#[test]
fn a_job_without_machines_is_given_up_after_the_time_allowed() {
    let lab = Lab::new();
    lab.machines.hold("builder", true);
    let ran = lab.workflow(&["--queue-allowance", "0.3"]).ended(75);
    assert!(ran.stderr.contains("was given up"), "{}", ran.stderr);
    let deleted = lab.google.requests_to("/jobs/");
    assert!(deleted.iter().any(|request| request.method == "DELETE"));
}

#[test]
fn a_stage_that_fails_says_why_and_ends_with_its_exit_code() {
    let lab = Lab::new();
    let ran = lab
        .client("--exp-id none --run-id try-1 --yes --poll 0.05 --no-validate")
        .ended(2);
    assert!(ran.stderr.contains("stage A failed"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("ended with exit code 2"),
        "{}",
        ran.stderr
    );

    let lab = Lab::new();
    lab.machines.script(Mishap {
        stage: "output",
        task: 0,
        exit_code: 50_005,
        times: 1,
        only_on_spot: false,
    });
    let ran = lab.workflow(&[]).ended(1);
    assert!(ran.stderr.contains("stage C failed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("at its time limit"), "{}", ran.stderr);
    assert_eq!(lab.started("runner").len(), TASKS as usize);
}

#[test]
fn a_stage_that_leaves_no_summary_is_told_by_its_log() {
    let lab = Lab::new();
    lab.machines.hold("builder", true);
    lab.machines.script(Mishap {
        stage: "builder",
        task: 0,
        exit_code: 2,
        times: 1,
        only_on_spot: false,
    });
    let child = lab.start(&[]);
    wait_until(|| lab.created().len() == 1);
    let id = lab.created()[0].query("jobId").unwrap().to_owned();
    for (severity, message) in [
        ("INFO", "fetching"),
        ("ERROR", "no experiment is called so"),
    ] {
        lab.google.put_log(json!({
            "insertId": message, "timestamp": "2026-11-24T12:00:00Z", "severity": severity,
            "resource": { "type": "batch.googleapis.com/Job" },
            "labels": { "job_uid": format!("{id}-uid") }, "textPayload": message,
        }));
    }
    lab.machines.hold("builder", false);
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(2);
    let told = "ended with exit code 2: no experiment is called so";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(!ran.stderr.contains("fetching"), "{}", ran.stderr);
}

#[test]
fn denied_access_names_the_permission_and_a_role() {
    let lab = Lab::new();
    let denied = Misbehaviour::refusal(
        403,
        "PERMISSION_DENIED",
        "Permission 'batch.jobs.create' denied on resource",
    );
    lab.google
        .script(Fault::once("/jobs", denied).method("POST"));
    let ran = lab.workflow(&[]).ended(1);
    assert!(ran.stderr.contains("access is denied"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("roles/batch.jobsEditor"),
        "{}",
        ran.stderr
    );
    assert_eq!(lab.record()["status"], "failed");
}

/// The account loses its access while a job runs, and gets it back.
#[test]
fn a_job_goes_on_when_nobody_may_look_at_it() {
    let lab = Lab::new();
    lab.machines.hold("runner", true);
    let child = lab.start(&[]);
    wait_until(|| lab.created().len() == 2);
    let denied = Misbehaviour::refusal(403, "PERMISSION_DENIED", "batch.jobs.get");
    lab.google
        .script(Fault::once("/jobs/stage-b", denied).method("GET"));
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(1);
    assert!(
        ran.stderr.contains("goes on; `--resume` watches it"),
        "{}",
        ran.stderr
    );
    lab.machines.hold("runner", false);
    lab.workflow(&[]).ended(0);
    lab.nothing_ran_twice();
}
