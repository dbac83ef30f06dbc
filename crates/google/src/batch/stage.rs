//! One stage of a run, or some tasks of stage B, as a job.

use std::collections::BTreeMap;

use epycloud_config::{
    BucketName, DirPrefix, ExpId, FileName, GitRef, GithubRepository, RunId, SecretName, Stage,
    TaskIndex,
};

use super::spec::{
    Action, ActionCondition, AllocationPolicy, BootDisk, ComputeResource, Container, Environment,
    InstancePolicy, Instances, JobSpec, LifecyclePolicy, Location, LogsPolicy, NetworkInterface,
    NetworkPolicy, Runnable, ServiceAccount, TaskGroup, TaskSpec,
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

/// What the names of machines begin with that start from Hyperdisk alone; for others Batch chooses
/// the disk.
pub const HYPERDISK_MACHINES: &str = "c4d-";

/// Which task of a run a job is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageTask {
    /// Stage A.
    Builder,
    /// One task of stage B.
    Runner(TaskIndex),
    /// Tasks of stage B.
    Runners {
        /// Which.
        tasks: RunnerTasks,
        /// How many at the same time.
        parallelism: u32,
    },
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
            Self::Runner(_) | Self::Runners { .. } => Stage::Runner,
            Self::Output { .. } => Stage::Output,
        }
    }
}

/// Tasks of stage B.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunnerTasks {
    /// The first so many; each finds its index in the variable that Batch sets.
    All(u32),
    /// These alone, as when failed ones are submitted again; each is told its index.
    Only(Vec<TaskIndex>),
}

impl RunnerTasks {
    fn count(&self) -> Option<u32> {
        match self {
            Self::All(count) => Some(*count),
            Self::Only(_) => None,
        }
    }

    fn environments(&self) -> Vec<Environment> {
        let Self::Only(tasks) = self else {
            return Vec::new();
        };
        tasks.iter().map(own_environment).collect()
    }
}

fn own_environment(index: &TaskIndex) -> Environment {
    Environment {
        variables: BTreeMap::from([("TASK_INDEX".to_owned(), index.to_string())]),
    }
}

/// How machines are paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Provisioning {
    /// At their price, for as long as they are needed.
    #[default]
    Standard,
    /// For less, and taken back when somebody pays more.
    Spot,
}

/// Who sees to it that a run's jobs follow each other: the value of the label `managed-by`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manager {
    /// A person, who submits one stage.
    #[default]
    Person,
    /// `epycloud`, that submits stage after stage itself.
    Client,
    /// The deployed workflow.
    Workflows,
}

impl Manager {
    /// The label's value; `manual` and `workflows` are the original's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "manual",
            Self::Client => "client",
            Self::Workflows => "workflows",
        }
    }
}

/// A network that machines are in, without addresses outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its resource name or address.
    pub network: String,
    /// The subnetwork's.
    pub subnetwork: String,
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
    /// How it is paid for.
    pub provisioning: Provisioning,
    /// In which network; the project's default if none.
    pub network: Option<Network>,
    /// Who submits it.
    pub manager: Manager,
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
            task_groups: vec![self.task_group()],
            allocation_policy: self.allocation_policy(),
            logs_policy: LogsPolicy::CloudLogging,
        }
    }

    fn task_group(&self) -> TaskGroup {
        let (task_count, task_environments, parallelism) = match &self.task {
            StageTask::Runners { tasks, parallelism } => {
                (tasks.count(), tasks.environments(), Some(*parallelism))
            }
            StageTask::Builder | StageTask::Runner(_) | StageTask::Output { .. } => {
                (Some(1), Vec::new(), None)
            }
        };
        TaskGroup {
            task_count,
            task_environments,
            parallelism,
            task_count_per_node: Some(self.task_count_per_node),
            task_spec: self.task_spec(),
        }
    }

    fn allocation_policy(&self) -> AllocationPolicy {
        let machine_type = self.machine.machine_type.as_deref();
        AllocationPolicy {
            location: Location {
                allowed_locations: vec![format!("regions/{}", self.place.region)],
            },
            instances: vec![Instances {
                policy: instance_policy(machine_type, self.provisioning),
            }],
            service_account: ServiceAccount {
                email: self.service_account.clone(),
            },
            network: self.network.as_ref().map(network_policy),
            labels: labels(self.labels.pairs()),
        }
    }

    fn job_labels(&self) -> BTreeMap<String, String> {
        labels(
            [
                ("component", "epymodelingsuite"),
                ("stage", self.task.stage().as_str()),
                ("exp_id", self.exp_id.as_str()),
                ("run_id", self.run_id.as_str()),
                ("managed-by", self.manager.as_str()),
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
            StageTask::Builder | StageTask::Runners { .. } => {}
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

fn network_policy(network: &Network) -> NetworkPolicy {
    NetworkPolicy {
        network_interfaces: vec![NetworkInterface {
            network: network.network.clone(),
            subnetwork: network.subnetwork.clone(),
            no_external_ip_address: true,
        }],
    }
}

fn instance_policy(machine_type: Option<&str>, provisioning: Provisioning) -> InstancePolicy {
    let needs_hyperdisk = machine_type.is_some_and(|name| name.starts_with(HYPERDISK_MACHINES));
    let provisioning_model = match provisioning {
        Provisioning::Spot => Some("SPOT"),
        Provisioning::Standard => needs_hyperdisk.then_some("STANDARD"),
    };
    InstancePolicy {
        machine_type: machine_type.map(str::to_owned),
        provisioning_model: provisioning_model.map(str::to_owned),
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
