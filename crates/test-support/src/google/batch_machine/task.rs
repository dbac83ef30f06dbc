//! One task on its machine: a process.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::job::{text, variables};
use super::{Execution, Shared};

/// From here on exit codes are Batch's.
const OF_BATCH: i32 = 50_000;
/// How long a machine lives that is taken away.
const SHORT: Duration = Duration::from_millis(40);

/// What all tasks of a job have in common.
pub(super) struct Plan {
    stage: String,
    variables: Vec<(String, String)>,
    spot: bool,
    memory_mib: u64,
    retries: u64,
    /// Exit codes that are worth another attempt.
    retried: Vec<i64>,
}

impl Plan {
    pub(super) fn of(job: &Value) -> Self {
        let spec = &job["taskGroups"][0]["taskSpec"];
        let policies = spec["lifecyclePolicies"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let retried = policies
            .iter()
            .filter(|policy| policy["action"] == "RETRY_TASK")
            .filter_map(|policy| policy["actionCondition"]["exitCodes"].as_array())
            .flatten()
            .filter_map(Value::as_i64);
        let instance = &job["allocationPolicy"]["instances"][0]["policy"];
        Self {
            stage: text(&job["labels"]["stage"]),
            variables: variables(&spec["environment"]["variables"]),
            spot: instance["provisioningModel"] == "SPOT",
            memory_mib: spec["computeResource"]["memoryMib"].as_u64().unwrap_or(0),
            retries: spec["maxRetryCount"].as_u64().unwrap_or(0),
            retried: retried.collect(),
        }
    }
}

enum State {
    Pending,
    Running {
        child: Child,
        until: Option<(Instant, i32)>,
    },
    Succeeded,
    Failed,
}

/// A task of a job.
pub(super) struct Task {
    index: u64,
    own: Vec<(String, String)>,
    state: State,
    executions: u64,
    events: Vec<Value>,
}

impl Task {
    pub(super) fn new(index: u64, own: Option<Vec<(String, String)>>) -> Self {
        Self {
            index,
            own: own.unwrap_or_default(),
            state: State::Pending,
            executions: 0,
            events: Vec::new(),
        }
    }

    pub(super) const fn is_pending(&self) -> bool {
        matches!(self.state, State::Pending)
    }

    pub(super) const fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Succeeded | State::Failed)
    }

    pub(super) const fn state(&self) -> &'static str {
        match self.state {
            State::Pending => "PENDING",
            State::Running { .. } => "RUNNING",
            State::Succeeded => "SUCCEEDED",
            State::Failed => "FAILED",
        }
    }

    /// As Batch shows it.
    pub(super) fn shown(&self, job: &str) -> Value {
        json!({
            "name": format!("{job}/taskGroups/group0/tasks/{}", self.index),
            "status": { "state": self.state(), "statusEvents": self.events },
        })
    }

    /// Starts its process, or ends it at once with what is scripted.
    pub(super) fn start(&mut self, shared: &Shared, plan: &Plan, job: &str) {
        let id = job.rsplit('/').next().unwrap_or_default();
        let told = self.own.iter().find(|(name, _)| name == "TASK_INDEX");
        let execution = Execution {
            job: id.to_owned(),
            stage: plan.stage.clone(),
            task: told
                .and_then(|(_, index)| index.parse().ok())
                .unwrap_or_else(|| u32::try_from(self.index).unwrap_or(u32::MAX)),
            spot: plan.spot,
            memory_mib: plan.memory_mib,
        };
        let mishap = shared.mishap(&execution);
        self.executions += 1;
        if let Some(code) = mishap.filter(|code| *code < OF_BATCH) {
            self.end(plan, code);
            return;
        }
        let disk = format!("{id}-{}-{}", self.index, self.executions);
        match self.process(shared, plan, &disk) {
            Ok(child) => {
                let until = mishap.map(|code| (Instant::now() + SHORT, code));
                self.state = State::Running { child, until };
            }
            // As Docker says it.
            Err(_) => self.end(plan, 125),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a log that nobody reads half")]
    fn process(&self, shared: &Shared, plan: &Plan, disk: &str) -> std::io::Result<Child> {
        let program = &shared.program;
        let disk = program.disks.join(disk);
        std::fs::create_dir_all(&disk)?;
        let log = File::create(disk.join("log"))?;
        Command::new(&program.program)
            .args(&program.arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(plan.variables.iter().cloned())
            .env("STAGE", &plan.stage)
            .env("BATCH_TASK_INDEX", self.index.to_string())
            .envs(self.own.iter().cloned())
            .envs(program.environment.iter().cloned())
            .env("LOCAL_DATA_PATH", &disk)
            .env("FORECAST_REPO_DIR", disk.join("forecast"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
    }

    /// Takes note of how its process stands.
    pub(super) fn look(&mut self, plan: &Plan) {
        let State::Running { child, until } = &mut self.state else {
            return;
        };
        if let Some((_, code)) = until.filter(|(time, _)| *time <= Instant::now()) {
            let _ = child.kill();
            let _ = child.wait();
            return self.end(plan, code);
        }
        if let Ok(Some(status)) = child.try_wait() {
            let code = status.code();
            let code = code.unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
            self.end(plan, code);
        }
    }

    fn end(&mut self, plan: &Plan, code: i32) {
        let execution = if code == 0 {
            json!({})
        } else {
            json!({ "exitCode": code })
        };
        self.events.push(json!({
            "description": format!("Task ended with exit code {code}."),
            "eventTime": now(),
            "taskExecution": execution,
        }));
        let may_repeat = self.executions <= plan.retries && plan.retried.contains(&code.into());
        self.state = match code {
            0 => State::Succeeded,
            _ if may_repeat => State::Pending,
            _ => State::Failed,
        };
    }

    pub(super) fn kill(&mut self) {
        if let State::Running { child, .. } = &mut self.state {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The time, as Google writes it.
pub(super) fn now() -> String {
    chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).to_rfc3339()
}
