//! How runs end: whole, in part, or not.

use serde_json::{Value, json};

use super::lab::{EXECUTION, REASON, RUN, argument, failed, in_state, lab, runner_job};

const JOBS: &str = "projects/my-project/locations/us-central1/jobs";

#[test]
fn a_run_goes_from_stage_to_stage() {
    let Some(lab) = lab(20) else { return };
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(
        ended.result(),
        &json!({
            "N": 20,
            "runId": RUN,
            "failedTasks": [],
            "partial": false,
            "stageA_job": format!("{JOBS}/stage-a-{EXECUTION}"),
            "stageB_job": format!("{JOBS}/stage-b-{EXECUTION}"),
            "stageB_jobs": [format!("{JOBS}/stage-b-{EXECUTION}")],
            "stageC_job": format!("{JOBS}/stage-c-{EXECUTION}"),
        })
    );
    assert_eq!(lab.stages(), ["builder", "runner", "output"]);
    assert_eq!(lab.google.jobs()[1]["taskGroups"][0]["taskCount"], 20);
}

/// Lesson 14: the output stage ran whatever the run said.
#[test]
fn lesson_14_the_output_stage_is_skipped_on_request() {
    let Some(lab) = lab(2) else { return };
    let ended = lab.run(&argument(&json!({ "runOutputStage": false })));
    assert_eq!(ended.result()["stageC_job"], Value::Null);
    assert_eq!(lab.stages(), ["builder", "runner"]);
}

#[test]
fn a_failed_stage_a_ends_the_run() {
    let Some(lab) = lab(2) else { return };
    lab.play("stage-a-", vec![in_state("RUNNING"), failed(&[(0, &[2])])]);
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.message(), "stage A failed with exit code 2");
    assert_eq!(ended.error.unwrap()["reason"], REASON);
    assert_eq!(lab.stages(), ["builder"]);
}

#[test]
fn stage_a_must_leave_tasks() {
    let Some(lab) = lab(0) else { return };
    let ended = lab.run(&argument(&json!({})));
    assert!(ended.message().starts_with("stage A has made 0 tasks"));
    assert_eq!(lab.stages(), ["builder"]);
}

#[test]
fn stage_a_must_leave_the_file_that_counts_them() {
    let Some(lab) = lab(2) else { return };
    let ended = lab.run(&argument(
        &json!({ "runId": "another", "allowPartialResults": true }),
    ));
    let path = "gs://my-bucket/pipeline/flu/202547/SMC_rmse/another/builder-artifacts/tasks.json";
    assert!(ended.message().contains(path), "{ended:?}");
    assert_eq!(lab.stages(), ["builder"]);
}

/// Whatever the bucket says that the file is.
#[test]
fn the_number_of_tasks_is_read_from_text_too() {
    let Some(lab) = lab(1) else { return };
    let path = format!("pipeline/flu/202547/SMC_rmse/{RUN}/builder-artifacts/tasks.json");
    let content = json!(json!({ "n": 3 }).to_string());
    lab.google.put_object("my-bucket", &path, content);
    assert_eq!(lab.run(&argument(&json!({}))).result()["N"], 3);
}

#[test]
fn failed_tasks_alone_are_submitted_again() {
    let Some(lab) = lab(20) else { return };
    lab.play_runners(vec![failed(&[(3, &[1]), (17, &[75, 1])])]);
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.failed_tasks(), [0; 0]);
    assert_eq!(lab.stages(), ["builder", "runner", "runner", "output"]);
    let again = &lab.google.jobs()[2];
    assert_eq!(again["name"], format!("{JOBS}/{}", runner_job(1)));
    let group = &again["taskGroups"][0];
    assert_eq!(group["taskCount"], Value::Null);
    assert_eq!(group["parallelism"], 2);
    assert_eq!(
        group["taskEnvironments"],
        json!([{ "variables": { "TASK_INDEX": "3" } }, { "variables": { "TASK_INDEX": "17" } }])
    );
    assert_eq!(ended.result()["stageB_jobs"].as_array().unwrap().len(), 2);
}

/// Lesson 13: a failed task ended the run, whatever it allowed.
#[test]
fn lesson_13_stage_c_follows_failed_tasks_where_that_is_allowed() {
    let Some(lab) = lab(20) else { return };
    // By their numbers in the second job: tasks 3 and 17 of the run.
    lab.play_runners(vec![
        failed(&[(3, &[1]), (5, &[1]), (17, &[1])]),
        failed(&[(0, &[1]), (2, &[50005])]),
    ]);
    let ended = lab.run(&argument(
        &json!({ "allowPartialResults": true, "minSuccessRatio": 0.9 }),
    ));
    assert_eq!(ended.failed_tasks(), [3, 17]);
    assert_eq!(ended.result()["partial"], true);
    let jobs = lab.google.jobs();
    let variables =
        |job: usize| &jobs[job]["taskGroups"][0]["taskSpec"]["environment"]["variables"];
    assert_eq!(variables(3)["ALLOW_PARTIAL_RESULTS"], "true");
    assert_eq!(variables(1)["ALLOW_PARTIAL_RESULTS"], Value::Null);
}

#[test]
fn partial_results_are_refused_unless_allowed() {
    let Some(lab) = lab(20) else { return };
    lab.play_runners(vec![failed(&[(3, &[1])]), failed(&[(0, &[1])])]);
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.message(), "1 of 20 tasks of stage B failed");
    assert_eq!(ended.failed_tasks(), [3]);
    assert_eq!(lab.stages(), ["builder", "runner", "runner"]);
}

#[test]
fn too_few_results_are_refused() {
    let Some(lab) = lab(4) else { return };
    let budget = json!({
        "allowPartialResults": true, "minSuccessRatio": 0.75, "stageBResubmissions": 0,
    });
    lab.play_runners(vec![failed(&[(0, &[1]), (1, &[1])])]);
    let ended = lab.run(&argument(&budget));
    assert_eq!(
        ended.message(),
        "only 2 of 4 tasks of stage B have a result"
    );
    assert_eq!(ended.failed_tasks(), [0, 1]);
    assert_eq!(lab.stages(), ["builder", "runner"]);
}

#[test]
fn no_result_at_all_is_never_enough() {
    let Some(lab) = lab(2) else { return };
    lab.play_runners(vec![failed(&[(0, &[1]), (1, &[1])]); 2]);
    let ended = lab.run(&argument(&json!({ "allowPartialResults": true })));
    assert_eq!(
        ended.message(),
        "only 0 of 2 tasks of stage B have a result"
    );
}

/// Exit code 3 says that outputs are written, and that they lack some tasks.
#[test]
fn partial_outputs_are_no_failure() {
    let Some(lab) = lab(2) else { return };
    lab.play("stage-c-", vec![failed(&[(0, &[3])])]);
    let ended = lab.run(&argument(&json!({ "allowPartialResults": true })));
    assert_eq!(ended.result()["partial"], true);
    assert_eq!(ended.failed_tasks(), [0; 0]);
}

#[test]
fn a_failed_stage_c_fails_the_run() {
    let Some(lab) = lab(2) else { return };
    lab.play("stage-c-", vec![failed(&[(0, &[75, 1])])]);
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.message(), "stage C failed with exit code 1");
}

/// What spot machines lost runs on standard ones; the budget of the tasks' own failures is another.
#[test]
fn tasks_that_spot_machines_lost_run_on_standard_ones() {
    let Some(lab) = lab(10) else { return };
    let spot = argument(&json!({
        "stageBProvisioning": "SPOT", "stageBResubmissions": 0, "allowPartialResults": true,
    }));
    lab.play_runners(vec![failed(&[
        (1, &[50001, 50001, 50001, 50001]),
        (4, &[50001, 1]),
        (7, &[1, 50002]),
    ])]);
    let ended = lab.run(&spot);
    assert_eq!(ended.failed_tasks(), [4]);
    let jobs = lab.google.jobs();
    let policy = |job: usize| &jobs[job]["allocationPolicy"]["instances"][0]["policy"];
    assert_eq!(policy(1), &json!({ "provisioningModel": "SPOT" }));
    assert_eq!(policy(2), &json!({}));
    let told = &jobs[2]["taskGroups"][0]["taskEnvironments"];
    let told: Vec<&str> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["variables"]["TASK_INDEX"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["1", "7"]);
}

#[test]
fn losses_to_spot_machines_leave_the_budget_whole() {
    let Some(lab) = lab(10) else { return };
    lab.play_runners(vec![
        failed(&[(1, &[50001])]),
        failed(&[(0, &[1])]),
        failed(&[(0, &[1])]),
    ]);
    let ended = lab.run(&argument(&json!({ "stageBProvisioning": "SPOT" })));
    assert_eq!(ended.failed_tasks(), [1]);
    assert_eq!(lab.stages(), ["builder", "runner", "runner", "runner"]);
}

#[test]
fn five_thousand_tasks_stay_within_the_limits() {
    let Some(lab) = lab(5_000) else { return };
    let all: Vec<(u32, &[i32])> = (0..5_000).map(|task| (task, [1].as_slice())).collect();
    lab.play_runners(vec![failed(&all[..2_000]), failed(&all[..1_999])]);
    let partial = json!({ "allowPartialResults": true, "minSuccessRatio": 0.6 });
    let ended = lab.run(&argument(&partial));
    assert_eq!(ended.failed_tasks().len(), 1_999);
    eprintln!("{} steps, {} bytes", ended.steps, ended.memory);
    assert!(ended.steps < 50_000 && ended.memory < 400_000);
}

#[test]
fn a_run_of_which_everything_failed_isnt_repeated() {
    let Some(lab) = lab(5_000) else { return };
    let all: Vec<(u32, &[i32])> = (0..5_000).map(|task| (task, [1].as_slice())).collect();
    lab.play_runners(vec![failed(&all)]);
    let ended = lab.run(&argument(&json!({})));
    assert_eq!(ended.message(), "5000 of 5000 tasks of stage B failed");
    assert_eq!(ended.failed_tasks().len(), 5_000);
    assert_eq!(lab.stages(), ["builder", "runner"]);
    eprintln!("{} steps, {} bytes", ended.steps, ended.memory);
}
