//! What runs cost: before they begin, and by what Batch tells of them.

use epycloud_test_support::google::PLACE;
use serde_json::{Value, json};

use crate::lab::{Lab, Ran};

const WORKFLOW: [&str; 7] = [
    "run",
    "workflow",
    "--exp-id",
    "my-flu",
    "--run-id",
    "try-1",
    "--dry-run",
];
const COSTS: [&str; 5] = ["costs", "--exp-id", "my-flu", "--run-id", "try-1"];

/// Four tasks of stage B on a machine.
const SHARED: &str = "\
google_cloud:
  project_id: my-project
  region: europe-west1
  bucket_name: my-bucket
  batch:
    task_count_per_node: 4
    stage_b:
      cpu_milli: 2000
      memory_mib: 4096
      machine_type: n2-standard-8
";

/// The rows of the plan that are about costs.
fn rows(ran: &Ran) -> String {
    let is_about = |line: &&str| line.starts_with("  cost ") || line.starts_with("  prices ");
    let rows: Vec<&str> = ran.stderr.lines().filter(is_about).collect();
    rows.join("\n")
}

#[test]
fn a_plan_says_what_a_run_would_cost() {
    let lab = Lab::new();
    let mut told = String::new();
    for more in [
        &[][..],
        &["--expected-tasks", "20"],
        &[
            "--expected-tasks",
            "250",
            "--expected-task-time",
            "12m",
            "--task-count-per-node",
            "4",
            "--max-parallelism",
            "100",
        ],
        &[
            "--stage-b-machine-type",
            "n2-highmem-8",
            "--skip-output",
            "--expected-tasks",
            "20",
        ],
        &[
            "--stage-a-machine-type",
            "e2-micro",
            "--expected-tasks",
            "20",
        ],
    ] {
        let ran = lab.run(&[&WORKFLOW[..], more].concat()).ended(0);
        told.push_str(&format!("# {}\n{}\n", more.join(" "), rows(&ran)));
    }
    let job = [
        "run",
        "job",
        "--stage",
        "C",
        "--exp-id",
        "a",
        "--run-id",
        "b",
        "--dry-run",
    ];
    told.push_str(&format!("# stage C\n{}\n", rows(&lab.run(&job).ended(0))));
    lab.configure(SHARED);
    let ran = lab.run(&[&WORKFLOW[..], &["--expected-tasks", "20"]].concat());
    told.push_str(&format!("# four on a machine\n{}\n", rows(&ran.ended(0))));
    insta::assert_snapshot!(told);
    assert_eq!(lab.google.requests().len(), 0, "nobody is asked");
}

#[test]
fn scripts_are_told_the_estimate_in_numbers() {
    let lab = Lab::new();
    let expected = [
        "--expected-tasks",
        "100",
        "--expected-task-time",
        "30m",
        "--json",
    ];
    let ran = lab.run(&[&WORKFLOW[..], &expected].concat()).ended(0);
    let event = &ran.events("cost_estimate")[0];
    assert_eq!(
        (&event["currency"], &event["prices_of"]),
        (&json!("USD"), &json!("2026-08-03"))
    );
    let runner = &event["stages"][1];
    assert_eq!(runner["machine_type"], "e2-standard-2");
    assert_eq!(runner["chosen_by_batch"], true);
    let amount = |value: &Value| value.as_f64().unwrap();
    // Two processors, 8 GiB and a disk of 50 GiB.
    let hour = 2.0 * 0.021_812 + 8.0 * 0.002_924 + 5.0 / 730.0;
    assert!((amount(&runner["task_hour"]) - hour).abs() < 1e-9);
    let others =
        amount(&event["stages"][0]["longest_task"]) + amount(&event["stages"][2]["longest_task"]);
    assert!((amount(&event["likely"]) - others - 50.0 * hour).abs() < 1e-9);
    assert!((amount(&event["most"]) - others - 1_000.0 * hour).abs() < 1e-9);
}

/// A job of a stage, with tasks that had a machine for so many minutes.
fn job(lab: &Lab, id: &str, stage: &str, machine: &Value, minutes: &[u32]) {
    let tasks: Vec<Value> = minutes
        .iter()
        .enumerate()
        .map(|(index, minutes)| {
            let event = |state: &str, minute: u32| {
                json!({ "description": state, "taskState": state,
                    "eventTime": format!("2026-11-24T12:{minute:02}:00Z") })
            };
            json!({ "name": format!("{PLACE}/jobs/{id}/taskGroups/group0/tasks/{index}"),
                "status": { "state": "SUCCEEDED",
                    "statusEvents": [event("RUNNING", 0), event("SUCCEEDED", *minutes)] } })
        })
        .collect();
    lab.google.put_job(json!({
        "name": format!("{PLACE}/jobs/{id}"),
        "uid": format!("{id}-uid"),
        "labels": { "stage": stage, "exp_id": "my-flu", "run_id": "try-1" },
        "taskGroups": [{ "taskCount": minutes.len().to_string(), "taskCountPerNode": "1", "taskSpec": {
            "computeResource": { "cpuMilli": "2000", "memoryMib": "8192" },
            "environment": { "variables": { "EXP_ID": "my-flu", "RUN_ID": "try-1" } } } }],
        "allocationPolicy": { "instances": [{ "policy": machine }] },
        "status": { "state": "SUCCEEDED" },
        "createTime": "2026-11-24T12:00:00Z",
        "fakeTasks": tasks,
    }));
}

#[test]
fn a_run_s_costs_are_told_by_what_its_tasks_took() {
    let lab = Lab::new();
    let c4d = json!({ "machineType": "c4d-standard-4" });
    job(&lab, "stage-a-1", "builder", &c4d, &[3]);
    let spot = json!({ "machineType": "n2-standard-2", "provisioningModel": "SPOT" });
    job(&lab, "stage-b-1", "runner", &spot, &[20, 25, 15]);
    job(&lab, "stage-c-1", "output", &c4d, &[10]);
    let ran = lab.run(&COSTS).ended(0);
    insta::assert_snapshot!("run_costs", format!("{}---\n{}", ran.stdout, ran.stderr));

    let ran = lab.run(&[&COSTS[..], &["--json"]].concat()).ended(0);
    let runner = &ran.events("job_cost")[1];
    assert_eq!(
        (&runner["tasks"], &runner["machine_secs"]),
        (&json!(3), &json!(3600.0))
    );
    assert_eq!(runner["spot"], true);
    let hour = 2.0 * 0.014_99 + 8.0 * 0.002_01 + 5.0 / 730.0;
    assert!((runner["cost"].as_f64().unwrap() - hour).abs() < 1e-9);
    let whole: f64 = ran
        .events("job_cost")
        .iter()
        .map(|job| job["cost"].as_f64().unwrap())
        .sum();
    let all = ran.events("run_cost")[0]["cost"].as_f64().unwrap();
    assert!((all - whole).abs() < 1e-9);
}

#[test]
fn a_run_may_be_expected_to_be_like_one_before() {
    let lab = Lab::new();
    let machine = json!({ "machineType": "n2-standard-2" });
    job(&lab, "stage-b-1", "runner", &machine, &[20, 25, 15]);
    let like = [
        "run",
        "workflow",
        "--exp-id",
        "next",
        "--dry-run",
        "--json",
        "--expected-like",
    ];
    let ran = lab.run(&[&like[..], &["try-1"]].concat()).ended(0);
    let event = &ran.events("cost_estimate")[0];
    assert_eq!(event["expected_tasks"], 3);
    assert_eq!(event["expected_task_secs"], 1200.0);
    let ran = lab.run(&[&like[..], &["try-2"]].concat()).ended(1);
    assert!(
        ran.stderr.contains("Batch knows no job of run `try-2`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_can_t_be_counted_is_said() {
    let lab = Lab::new();
    let ran = lab.run(&COSTS).ended(1);
    assert!(
        ran.stderr.contains("Batch knows no job of run `try-1`"),
        "{}",
        ran.stderr
    );
    job(
        &lab,
        "stage-b-1",
        "runner",
        &json!({ "machineType": "z9-new-2" }),
        &[20],
    );
    let ran = lab.run(&COSTS).ended(0);
    assert!(
        ran.stderr
            .contains("no list price of machine type `z9-new-2`"),
        "{}",
        ran.stderr
    );
    let ran = lab.run(&[&COSTS[..], &["--json"]].concat()).ended(0);
    assert_eq!(ran.events("run_cost")[0]["jobs_without_price"], 1);
    assert_eq!(ran.events("job_cost")[0]["cost"], Value::Null);
}

#[test]
fn a_clean_up_is_asked_of_stage_c() {
    let lab = Lab::new();
    let ran = lab.run(&[&WORKFLOW[..], &["--cleanup"]].concat()).ended(0);
    assert!(
        ran.stdout.contains(r#"\"EPYCLOUD_CLEANUP\":\"true\""#),
        "{}",
        ran.stdout
    );
    assert!(!ran.stderr.contains("stage C's work"), "{}", ran.stderr);
    let job = [
        "run",
        "job",
        "--exp-id",
        "a",
        "--run-id",
        "b",
        "--dry-run",
        "--cleanup",
        "--stage",
    ];
    let ran = lab.run(&[&job[..], &["C"]].concat()).ended(0);
    assert!(
        ran.stdout.contains(r#""EPYCLOUD_CLEANUP": "true""#),
        "{}",
        ran.stdout
    );
    for ran in [
        lab.run(&[&job[..], &["A"]].concat()).ended(0),
        lab.run(&[&WORKFLOW[..], &["--cleanup", "--skip-output"]].concat())
            .ended(0),
    ] {
        assert!(ran.stderr.contains("stage C's work"), "{}", ran.stderr);
    }
    lab.run(&[&WORKFLOW[..], &["--cleanup", "--executor", "docker"]].concat())
        .ended(2);
    lab.run(
        &[
            &WORKFLOW[..],
            &["--expected-tasks", "3", "--executor", "slurm"],
        ]
        .concat(),
    )
    .ended(2);
}
