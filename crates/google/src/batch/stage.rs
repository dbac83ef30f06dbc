//! One stage of a run, or one task of stage B, as a job.

use std::collections::BTreeMap;

use epycloud_config::{
    BucketName, DirPrefix, ExpId, FileName, GitRef, GithubRepository, RunId, SecretName, Stage,
    TaskIndex,
};

use super::spec::{
    Action, ActionCondition, AllocationPolicy, BootDisk, ComputeResource, Container, Environment,
    InstancePolicy, Instances, JobSpec, LifecyclePolicy, Location, LogsPolicy, Runnable,
    ServiceAccount, TaskGroup, TaskSpec,
};
use crate::labels::labels;
use crate::place::Place;

/// Where the image's entry scripts look for the forecast repository.
const FORECAST_FOLDER: &str = "/data/forecast/";
/// Further attempts at a task that its machine failed.
const RETRIES: u32 = 3;
/// What is worth one: 75 is the program's own "try again"; the others are Batch's for a machine
/// that was taken back, fell silent, was rebooted, hung, or was replaced. Not 50005, which is the
/// time limit.
///
/// Source: <https://cloud.google.com/batch/docs/troubleshooting#reserved-exit-codes>
const RETRIED: &[i32] = &[75, 50001, 50002, 50003, 50004, 50006];

/// Which task of a run a job is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageTask {
    /// Stage A.
    Builder,
    /// One task of stage B.
    Runner(TaskIndex),
    /// Stage C, and the number of tasks where the run has no manifest.
    Output {
        /// `NUM_TASKS`.
        num_tasks: Option<u32>,
        /// The output configuration.
        output_config: Option<FileName>,
    },
}

impl StageTask {
    /// The stage.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Builder => Stage::Builder,
            Self::Runner(_) => Stage::Runner,
            Self::Output { .. } => Stage::Output,
        }
    }
}

/// A machine, and how much of it a task takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its type; Batch chooses if none.
    pub machine_type: Option<String>,
    /// Thousandths of a virtual processor.
    pub cpu_milli: u64,
    /// MiB.
    pub memory_mib: u64,
    /// When the task is ended, in seconds.
    pub max_run_secs: u64,
}

/// What jobs are labelled with for the bill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobLabels {
    /// The profile.
    pub profile: Option<String>,
    /// The project that pays.
    pub billing_project: Option<String>,
}

impl JobLabels {
    fn pairs(&self) -> [(&str, &str); 2] {
        [
            ("profile", self.profile.as_deref().unwrap_or_default()),
            (
                "billing_project",
                self.billing_project.as_deref().unwrap_or_default(),
            ),
        ]
    }
}

/// A single stage, or a single task of stage B, in the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageJob {
    /// Where it runs.
    pub place: Place,
    /// What it is.
    pub task: StageTask,
    /// The experiment.
    pub exp_id: ExpId,
    /// The run.
    pub run_id: RunId,
    /// The image.
    pub image: String,
    /// Where the run's files are.
    pub bucket: BucketName,
    /// Below which folders.
    pub dir_prefix: DirPrefix,
    /// The forecast repository.
    pub forecast_repo: Option<GithubRepository>,
    /// What of it; the default branch if none.
    pub forecast_ref: Option<GitRef>,
    /// The name of the secret that holds the GitHub token.
    pub token_secret: SecretName,
    /// In whose name it runs.
    pub service_account: String,
    /// On what.
    pub machine: Machine,
    /// The most tasks on one machine.
    pub task_count_per_node: u32,
    /// For the bill.
    pub labels: JobLabels,
    /// Further variables of the stage (engine, partial results).
    pub variables: BTreeMap<String, String>,
}

impl StageJob {
    /// The job that Batch is to create.
    #[must_use]
    pub fn spec(&self) -> JobSpec {
        JobSpec {
            labels: self.job_labels(),
            task_groups: vec![TaskGroup {
                task_count: 1,
                parallelism: None,
                task_count_per_node: Some(self.task_count_per_node),
                task_spec: self.task_spec(),
            }],
            allocation_policy: AllocationPolicy {
                location: Location {
                    allowed_locations: vec![format!("regions/{}", self.place.region)],
                },
                instances: vec![Instances {
                    policy: instance_policy(self.machine.machine_type.as_deref()),
                }],
                service_account: ServiceAccount {
                    email: self.service_account.clone(),
                },
                labels: labels(self.labels.pairs()),
            },
            logs_policy: LogsPolicy::CloudLogging,
        }
    }

    fn job_labels(&self) -> BTreeMap<String, String> {
        labels(
            [
                ("component", "epymodelingsuite"),
                ("stage", self.task.stage().as_str()),
                ("exp_id", self.exp_id.as_str()),
                ("run_id", self.run_id.as_str()),
                ("managed-by", "manual"),
            ]
            .into_iter()
            .chain(self.labels.pairs()),
        )
    }

    fn task_spec(&self) -> TaskSpec {
        let stage = self.task.stage().as_str();
        TaskSpec {
            runnables: vec![Runnable {
                container: Container {
                    image_uri: self.image.clone(),
                    entrypoint: "/bin/bash".into(),
                    commands: vec![format!("/scripts/run_{stage}.sh")],
                },
            }],
            environment: Environment {
                variables: self.environment(),
            },
            compute_resource: ComputeResource {
                cpu_milli: self.machine.cpu_milli,
                memory_mib: self.machine.memory_mib,
            },
            max_run_duration: format!("{}s", self.machine.max_run_secs),
            max_retry_count: RETRIES,
            lifecycle_policies: vec![LifecyclePolicy {
                action: Action::RetryTask,
                action_condition: ActionCondition {
                    exit_codes: RETRIED.to_vec(),
                },
            }],
        }
    }

    /// What the stage is told. Every stage gets the project and the secret's name: each may have
    /// to fetch the repository.
    fn environment(&self) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        let mut set = |name: &str, value: String| {
            variables.insert(name.to_owned(), value);
        };
        set("EXECUTION_MODE", "cloud".into());
        set("GCS_BUCKET", self.bucket.to_string());
        // Empty counts as unset there; a slash is the bucket itself.
        set("DIR_PREFIX", format!("{}/", self.dir_prefix));
        set("EXP_ID", self.exp_id.to_string());
        set("RUN_ID", self.run_id.to_string());
        set("GCLOUD_PROJECT_ID", self.place.project.to_string());
        set("GITHUB_PAT_SECRET", self.token_secret.to_string());
        set("FORECAST_REPO_DIR", FORECAST_FOLDER.into());
        if let Some(repository) = &self.forecast_repo {
            set("GITHUB_FORECAST_REPO", repository.to_string());
        }
        if let Some(reference) = &self.forecast_ref {
            set("FORECAST_REPO_REF", reference.to_string());
        }
        match &self.task {
            StageTask::Builder => {}
            StageTask::Runner(index) => set("TASK_INDEX", index.to_string()),
            StageTask::Output {
                num_tasks,
                output_config,
            } => {
                if let Some(n) = num_tasks {
                    set("NUM_TASKS", n.to_string());
                }
                if let Some(file) = output_config {
                    set("OUTPUT_CONFIG_FILE", file.to_string());
                }
            }
        }
        variables
    }
}

/// C4D machines start from Hyperdisk alone; for others Batch chooses the disk.
fn instance_policy(machine_type: Option<&str>) -> InstancePolicy {
    let needs_hyperdisk = machine_type.is_some_and(|name| name.starts_with("c4d-"));
    InstancePolicy {
        machine_type: machine_type.map(str::to_owned),
        provisioning_model: needs_hyperdisk.then(|| "STANDARD".to_owned()),
        boot_disk: needs_hyperdisk.then(|| BootDisk {
            kind: "hyperdisk-balanced".into(),
            size_gb: 50,
        }),
    }
}

/// The ID of a job that a person starts, of eight hexadecimal digits.
#[must_use]
pub fn job_id(stage: Stage, digits: &str) -> String {
    format!(
        "stage-{}-manual-{digits}",
        stage.letter().to_ascii_lowercase()
    )
}
