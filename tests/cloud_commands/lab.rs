//! A user with a configuration, credentials, and a Google of their own.

use std::path::Path;
use std::process::{Child, Command};

use epycloud_test_support::gcs::GcsServer;
use epycloud_test_support::google::{FakeGoogle, PLACE, WORKFLOW};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::at_home::epycloud;
use crate::forecasts::Forecasts;
pub(crate) use crate::ran::Ran;

/// A token that belongs in no request and no output.
pub(crate) const GITHUB_TOKEN: &str = "ghp_0123456789abcdefABCDEF0123456789abcd";

/// The beginning of a command line: a whole run.
pub(crate) const RUN: [&str; 6] = [
    "run",
    "workflow",
    "--exp-id",
    "202547/My_Flu",
    "--run-id",
    "try-1",
];

const CONFIGURATION: &str = "\
google_cloud:
  project_id: my-project
  region: us-central1
  bucket_name: my-bucket
github:
  forecast_repo: my-lab/forecasts
docker:
  image_tag: v1
";

/// A home folder, a Google, and perhaps a GitHub and a bucket.
pub(crate) struct Lab {
    pub(crate) google: FakeGoogle,
    pub(crate) forecasts: Option<Forecasts>,
    pub(crate) bucket: Option<GcsServer>,
    home: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let lab = Self {
            google: FakeGoogle::start(),
            forecasts: None,
            bucket: None,
            home: tempfile::tempdir().unwrap(),
        };
        lab.configure(CONFIGURATION);
        let secrets = format!("github:\n  personal_access_token: {GITHUB_TOKEN}\n");
        lab.write(".config/epymodelingsuite-cloud/secrets.yaml", &secrets);
        Command::new("chmod")
            .args(["600"])
            .arg(
                lab.path()
                    .join(".config/epymodelingsuite-cloud/secrets.yaml"),
            )
            .status()
            .unwrap();
        lab
    }

    /// One whose forecast repository can be fetched, with a token if one is given.
    pub(crate) fn with_forecasts(token: Option<&str>) -> Self {
        Self {
            forecasts: Some(Forecasts::start(token)),
            ..Self::new()
        }
    }

    /// The same with a bucket of a name, empty, that anybody may read and write.
    pub(crate) fn and_bucket(mut self, name: &str) -> Self {
        self.bucket = Some(GcsServer::start(name, None).unwrap());
        self
    }

    pub(crate) fn configure(&self, text: &str) {
        self.write(".config/epymodelingsuite-cloud/config.yaml", text);
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// `epycloud` with the given arguments and an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = epycloud(self.path(), &self.google, arguments);
        if let Some(forecasts) = &self.forecasts {
            command
                .env("PATH", std::env::var_os("PATH").unwrap())
                .env("GITHUB_SERVER_URL", forecasts.git.server().url());
        }
        if let Some(bucket) = &self.bucket {
            command
                .env("GOOGLE_BASE_URL", bucket.url())
                .env("GOOGLE_SKIP_SIGNATURE", "true");
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// An execution of the workflow, with the ID's eight digits first.
    pub(crate) fn execution(&self, id: &str, state: &str, exp_id: &str, run_id: &str) {
        self.google.put_execution(json!({
            "name": format!("{PLACE}/workflows/{WORKFLOW}/executions/{id}"),
            "state": state,
            "startTime": "2026-11-24T12:00:00Z",
            "argument": json!({ "exp_id": exp_id, "runId": run_id }).to_string(),
        }));
    }

    /// A job of a stage.
    pub(crate) fn job(&self, id: &str, state: &str, stage: &str, (exp_id, run_id): (&str, &str)) {
        let label = exp_id.to_lowercase().replace('/', "-");
        self.google.put_job(json!({
            "name": format!("{PLACE}/jobs/{id}"),
            "uid": format!("{id}-uid"),
            "labels": { "stage": stage, "exp_id": label, "run_id": run_id },
            "taskGroups": [{ "taskCount": "10", "taskSpec": {
                "runnables": [{ "container": { "imageUri": "r/p/i:v1" } }],
                "environment": { "variables": { "EXP_ID": exp_id, "RUN_ID": run_id } } } }],
            "status": { "state": state, "taskGroups": { "group0": {
                "counts": { "SUCCEEDED": "4", "FAILED": "1", "RUNNING": "5" } } } },
            "createTime": "2026-11-24T12:00:00Z",
            "updateTime": "2026-11-24T12:30:00Z",
        }));
    }

    /// A line in the log of a job.
    pub(crate) fn log(&self, id: &str, time: &str, stage: &str, message: &str) {
        self.google.put_log(json!({
            "insertId": id,
            "timestamp": format!("2026-11-24T{time}Z"),
            "receiveTimestamp": format!("2026-11-24T{time}Z"),
            "severity": if message.contains("bad") { "ERROR" } else { "INFO" },
            "resource": { "type": "batch.googleapis.com/Job" },
            "labels": {
                "exp_id": "my-flu", "run_id": "try-1", "stage": stage,
                "job_uid": "stage-b-0a1b2c3d-uid", "task_id": "task/stage-b-0a1b2c3d-uid-group0-7/0/0",
            },
            "textPayload": message,
        }));
    }
}

/// Makes a folder a checkout of a repository on GitHub, whose address holds a token; of its files
/// those in `docker` are committed.
pub(crate) fn check_out(folder: &Path) {
    let origin = format!("https://x:{GITHUB_TOKEN}@github.com/my-lab/epycloud.git");
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "docker"],
        &["commit", "--quiet", "--message", "x"],
        &["remote", "add", "origin", &origin],
    ] {
        let done = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}");
    }
}

/// What Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
}

impl Ran {
    /// The events of a name among the JSON lines.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|event: &Value| event["event"] == name)
            .collect()
    }
}
