//! A run comes to the same as on this machine.

use serde_json::{Value, json};

use crate::lab::{Lab, TASKS, events};
use crate::ran::Ran;

#[test]
fn the_tables_are_those_of_local_mode_byte_for_byte() {
    let lab = Lab::new();
    let ran = lab.workflow(&[]).ended(0);
    lab.nothing_ran_twice();
    let tables = lab.tables();
    assert!(tables.contains_key("quantiles_compartments.csv.gz"));
    assert_eq!(tables, lab.local_tables());
    assert_eq!(events(&ran, "task_finished").len(), TASKS as usize);
    let jobs: Vec<Value> = events(&ran, "job_submitted");
    let tasks: Vec<(&Value, &Value)> = jobs
        .iter()
        .map(|job| (&job["stage"], &job["tasks"]))
        .collect();
    assert_eq!(
        tasks,
        [
            (&json!("builder"), &json!(1)),
            (&json!("runner"), &json!(TASKS)),
            (&json!("output"), &json!(1))
        ]
    );
    let ended = &events(&ran, "ended")[0];
    assert_eq!(
        (&ended["ran"], &ended["failed"]),
        (&json!(TASKS), &json!([]))
    );
}

#[test]
fn the_record_lies_with_the_run_and_says_what_is_needed_to_repeat_it() {
    let lab = Lab::new();
    lab.workflow(&[]).ended(0);
    let record = lab.record();
    assert_eq!(record["status"], "done");
    assert_eq!(record["tasks"]["done"], TASKS);
    let provenance = &record["provenance"];
    let commit = lab
        .git
        .git("my-lab/forecasts", &["rev-parse", "HEAD"])
        .unwrap();
    assert_eq!(provenance["commit"], commit.trim());
    assert_eq!(provenance["engine"], "native");
    assert_eq!(provenance["engine_version"], env!("CARGO_PKG_VERSION"));
    assert!(provenance["versions"]["epycloud"].is_string());
    assert!(provenance["image"].as_str().unwrap().ends_with(":v1"));
    let objects = lab.objects("");
    let report = String::from_utf8_lossy(&objects["report.html"]);
    assert!(
        report.contains(">Machines cost "),
        "its stages have a price"
    );
    let session = objects.keys().find(|name| name.ends_with("/session.json"));
    let session: Value = serde_json::from_slice(&objects[session.unwrap()]).unwrap();
    assert_eq!(session["executor"], "batch");
    assert_eq!(session["cloud"]["region"], "us-central1");
    assert_eq!(session["cloud"]["stages"].as_array().unwrap().len(), 3);
    for task in 0..TASKS {
        assert_eq!(lab.outcomes(task), ["done"]);
    }
}

#[test]
fn a_finished_run_has_nothing_to_do() {
    let lab = Lab::new();
    lab.workflow(&[]).ended(0);
    let again = lab.workflow(&[]).ended(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    lab.nothing_ran_twice();
}

#[test]
fn tasks_are_built_again_where_that_is_asked_for() {
    let lab = Lab::new();
    lab.workflow(&[]).ended(0);
    let again = lab.workflow(&["--rebuild"]).ended(0);
    assert_eq!(lab.started("builder")[&0], 2);
    // The same tasks come of it, and their results count.
    assert_eq!(events(&again, "task_finished").len(), 0);
}

#[test]
fn the_executor_is_the_same_by_its_other_name() {
    let lab = Lab::new();
    let arguments = ["run", "workflow", "--executor", "batch", "--exp-id", "tiny"];
    let more = [
        "--run-id",
        "try-1",
        "--yes",
        "--poll",
        "0.05",
        "--skip-output",
    ];
    lab.run(&[&arguments[..], &more].concat()).ended(0);
    assert_eq!(lab.created().len(), 2);
    assert_eq!(lab.google.requests_to("workflowexecutions").len(), 0);
}

#[test]
fn a_dry_run_shows_the_first_job_and_asks_nobody() {
    let lab = Lab::new();
    let ran = lab.workflow(&["--dry-run"]).ended(0);
    let request = &events(&ran, "request")[0];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["body"]["labels"]["managed-by"], "client");
    assert_eq!(lab.google.requests().len(), 0);
    assert_eq!(lab.bucket.recorded().len(), 0);
}

#[test]
fn machines_are_in_the_configured_network() {
    let lab = Lab::new();
    let mut command = lab.command(&["run", "workflow", "--orchestrator", "client"]);
    command.args(["--exp-id", "tiny", "--dry-run", "--json"]);
    command.env("EPYCLOUD_GOOGLE_CLOUD__NETWORK", "lab-net");
    let ran = Ran::from(command.output().unwrap()).ended(0);
    let job = &events(&ran, "request")[0]["body"];
    let interface = &job["allocationPolicy"]["network"]["networkInterfaces"][0];
    assert_eq!(
        interface["network"],
        "projects/my-project/global/networks/lab-net"
    );
    assert_eq!(
        interface["subnetwork"],
        "projects/my-project/regions/us-central1/subnetworks/lab-net"
    );
    assert_eq!(interface["noExternalIpAddress"], true);
}
