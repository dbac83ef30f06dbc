//! A workflow, the services that it asks, and what they are to answer.

use std::ffi::OsString;

use epycloud_test_support::google::FakeGoogle;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::discovery;

/// The execution's ID, and what its jobs are called after.
pub(super) const EXECUTION: &str = "0a1b2c3d-4e5f-4678-9abc-def012345678";
pub(super) const RUN: &str = "20261124-120000-0a1b2c3d";

/// What Batch says of a job that failed.
pub(super) const REASON: &str = "Job state is set from RUNNING to FAILED: task failure";

/// How an execution ended.
#[derive(Debug, Deserialize)]
pub(super) struct Ended {
    pub(super) result: Option<Value>,
    pub(super) error: Option<Value>,
    /// Seconds.
    pub(super) waited: f64,
    pub(super) steps: u32,
    /// Bytes.
    pub(super) memory: u32,
    pub(super) log: Vec<String>,
}

impl Ended {
    pub(super) fn result(&self) -> &Value {
        self.result.as_ref().unwrap_or_else(|| panic!("{self:?}"))
    }

    /// The message of the error that it ended with.
    pub(super) fn message(&self) -> &str {
        let error = self.error.as_ref().unwrap_or_else(|| panic!("{self:?}"));
        error["message"].as_str().unwrap()
    }

    /// The failed tasks that its result or its error names, sorted.
    pub(super) fn failed_tasks(&self) -> Vec<u64> {
        let ended = self.result.as_ref().or(self.error.as_ref()).unwrap();
        let failed = ended["failedTasks"].as_array().unwrap();
        let mut failed: Vec<u64> = failed.iter().map(|task| task.as_u64().unwrap()).collect();
        failed.sort_unstable();
        failed
    }
}

pub(super) struct Lab {
    pub(super) google: FakeGoogle,
    pub(super) environment: Value,
    pub(super) python: OsString,
}

/// A lab whose stage A leaves this many tasks and whose jobs succeed; none where there is no emulator.
pub(super) fn lab(n: u32) -> Option<Lab> {
    let python = discovery::python()?;
    let google = FakeGoogle::start();
    let path = format!("pipeline/flu/202547/SMC_rmse/{RUN}/builder-artifacts/tasks.json");
    google.put_object("my-bucket", &path, json!({ "n": n, "commit": null }));
    let environment = json!({
        "GOOGLE_CLOUD_PROJECT_ID": "my-project",
        "GOOGLE_CLOUD_LOCATION": "us-central1",
        "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": EXECUTION,
        "EPYCLOUD_NETWORK": "projects/my-project/global/networks/lab",
        "EPYCLOUD_SUBNETWORK": "projects/my-project/regions/us-central1/subnetworks/lab",
    });
    Some(Lab {
        google,
        environment,
        python,
    })
}

/// The argument of a run, with changes.
pub(super) fn argument(changes: &Value) -> Value {
    let mut argument = json!({
        "exp_id": "202547/SMC_rmse",
        "runId": RUN,
        "bucket": "my-bucket",
        "dirPrefix": "pipeline/flu/",
        "githubForecastRepo": "my-lab/forecasts",
        "batchSaEmail": "batch-runtime@my-project.iam.gserviceaccount.com",
        "imageUri": "us-central1-docker.pkg.dev/my-project/repo/image:v1",
    });
    for (name, value) in changes.as_object().unwrap() {
        argument[name] = value.clone();
    }
    argument
}

/// A job that runs at first and has ended with success at the second look.
fn success() -> Vec<Value> {
    vec![in_state("RUNNING"), in_state("SUCCEEDED")]
}

pub(super) fn in_state(state: &str) -> Value {
    json!({ "status": { "state": state } })
}

/// A job that has failed because these of its tasks did, each with the exit codes of its attempts.
pub(super) fn failed(tasks: &[(u32, &[i32])]) -> Value {
    let tasks = tasks.iter().map(|(index, codes)| {
        let attempt = |code: &i32| {
            json!({ "type": "STATUS_CHANGED", "description": "Task \"t\" failed",
                    "taskExecution": { "exitCode": code } })
        };
        let mut events: Vec<Value> = codes.iter().map(attempt).collect();
        events.push(json!({ "type": "STATUS_CHANGED", "description": "RUNNING to FAILED" }));
        let name = format!("x/tasks/{index}");
        json!({ "name": name, "status": { "state": "FAILED", "statusEvents": events } })
    });
    let told = json!([{ "description": "it runs" }, { "description": REASON }]);
    json!({
        "status": { "state": "FAILED", "statusEvents": told },
        "fakeTasks": tasks.collect::<Vec<_>>(),
    })
}

impl Lab {
    /// What the job with this in its name is like, each time it is looked at.
    pub(super) fn play(&self, job: &str, states: Vec<Value>) {
        self.google.play(&format!("jobs/{job}"), states);
    }

    /// How stage B's jobs end, the first and those that repeat; one more succeeds.
    pub(super) fn play_runners(&self, ends: Vec<Value>) {
        // A name is found in longer ones, so those come first.
        self.play(&runner_job(ends.len()), success());
        for (round, end) in ends.into_iter().enumerate().rev() {
            self.play(&runner_job(round), vec![in_state("RUNNING"), end]);
        }
    }

    pub(super) fn run(&self, argument: &Value) -> Ended {
        // What a test has scripted comes first.
        for stage in ["a", "b", "c"] {
            self.play(&format!("stage-{stage}-"), success());
        }
        let program = [
            "tests/python/workflow/run.py".to_owned(),
            "deploy/workflow.yaml".to_owned(),
            self.google.url().trim_end_matches('/').to_owned(),
        ];
        let asked = json!({
            "argument": argument, "environment": self.environment, "token": self.google.token(),
        });
        let ended = discovery::ask(&self.python, &program, &asked);
        serde_json::from_value(ended).unwrap()
    }

    /// The stages whose jobs were made, in order.
    pub(super) fn stages(&self) -> Vec<String> {
        let jobs = self.google.jobs();
        let stage = |job: &Value| job["labels"]["stage"].as_str().unwrap().to_owned();
        jobs.iter().map(stage).collect()
    }
}

/// The ID of stage B's job in a round.
pub(super) fn runner_job(round: usize) -> String {
    if round == 0 {
        format!("stage-b-{EXECUTION}")
    } else {
        format!("stage-b-{EXECUTION}-{round}")
    }
}
