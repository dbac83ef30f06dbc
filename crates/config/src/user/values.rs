//! The configuration, typed.

use std::path::PathBuf;

use epycloud_errors::Secret;
use serde::Serialize;

use crate::{
    BillingLabel, BucketName, DirPrefix, EmailAddress, EngineName, GitRef, GithubRepository,
    ImageName, ImageTag, LogLevel, MachineType, NetworkName, ProjectId, Region, Registry,
    SecretName, SuiteBehaviour,
};

/// The configuration, typed; [`keys`](super::keys) says what each value means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserConfig {
    /// Where artifacts lie in the bucket.
    pub storage: StorageConfig,
    /// The project and its machines.
    pub google_cloud: GoogleCloudConfig,
    /// The image.
    pub docker: DockerConfig,
    /// Repositories and the token for them.
    pub github: GithubConfig,
    /// How much is logged.
    pub logging: LoggingConfig,
    /// The cloud workflow.
    pub workflow: WorkflowConfig,
    /// The engine that does the modelling.
    pub engine: EngineConfig,
}

/// `storage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StorageConfig {
    /// `storage.dir_prefix`; `{environment}` and `{profile}` are filled in.
    pub dir_prefix: DirPrefix,
}

/// `google_cloud`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoogleCloudConfig {
    /// `google_cloud.project_id`; a template's placeholder counts as none.
    pub project_id: Option<ProjectId>,
    /// `google_cloud.region`.
    pub region: Region,
    /// `google_cloud.bucket_name`; a template's placeholder counts as none.
    pub bucket_name: Option<BucketName>,
    /// `google_cloud.billing_project`.
    pub billing_project: Option<BillingLabel>,
    /// `google_cloud.service_account_key_path`.
    pub service_account_key_path: Option<PathBuf>,
    /// `google_cloud.github_pat_secret`.
    pub github_pat_secret: Option<SecretName>,
    /// `google_cloud.network`.
    pub network: Option<NetworkName>,
    /// `google_cloud.subnetwork`.
    pub subnetwork: Option<NetworkName>,
    /// `google_cloud.batch`.
    pub batch: BatchConfig,
}

/// `google_cloud.batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchConfig {
    /// Tasks of stage B at the same time, 1 to 5000.
    pub max_parallelism: u32,
    /// Tasks on one machine at the same time, 1 to 1000.
    pub task_count_per_node: u32,
    /// Stage A's resources.
    pub stage_a: StageResources,
    /// The resources of a task of stage B.
    pub stage_b: StageResources,
    /// Stage C's resources.
    pub stage_c: StageResources,
    /// `google_cloud.batch.stage_c.run_output_stage`: whether stage C runs.
    pub run_output_stage: bool,
}

/// What a stage's machine has, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageResources {
    /// Thousandths of a core.
    pub cpu_milli: u32,
    /// MiB.
    pub memory_mib: u32,
    /// `None` lets Batch choose by CPU and memory.
    pub machine_type: Option<MachineType>,
    /// Seconds, 1 to 604800.
    pub max_run_duration: u32,
}

/// `docker`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DockerConfig {
    /// `docker.registry`.
    pub registry: Registry,
    /// `docker.repo_name`.
    pub repo_name: ImageName,
    /// `docker.image_name`.
    pub image_name: ImageName,
    /// `docker.image_tag`.
    pub image_tag: ImageTag,
}

impl DockerConfig {
    /// The image's full name, `{registry}/{project}/{repo_name}/{image_name}:{tag}`.
    #[must_use]
    pub fn image(&self, project: &ProjectId, tag: &ImageTag) -> String {
        let Self {
            registry,
            repo_name,
            image_name,
            ..
        } = self;
        // An older project of a domain, `example.com:lab`, is a folder in an image's name.
        let project = project.as_str().replace(':', "/");
        format!("{registry}/{project}/{repo_name}/{image_name}:{tag}")
    }
}

/// `github`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GithubConfig {
    /// `github.modeling_suite_repo`.
    pub modeling_suite_repo: Option<GithubRepository>,
    /// `github.modeling_suite_ref`.
    pub modeling_suite_ref: GitRef,
    /// `github.forecast_repo`.
    pub forecast_repo: Option<GithubRepository>,
    /// `github.forecast_repo_ref`; `None` for the default branch.
    pub forecast_repo_ref: Option<GitRef>,
    /// `github.personal_access_token`; a template's placeholder counts as none.
    pub personal_access_token: Option<Secret>,
}

/// `logging`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggingConfig {
    /// `logging.level`.
    pub level: LogLevel,
    /// `logging.storage_verbose`.
    pub storage_verbose: bool,
}

/// `workflow`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkflowConfig {
    /// `workflow.retry_policy`.
    pub retry_policy: RetryPolicyConfig,
    /// `workflow.notification`.
    pub notification: NotificationConfig,
}

/// `workflow.retry_policy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetryPolicyConfig {
    /// Attempts, the first included.
    pub max_attempts: u32,
    /// Seconds between them.
    pub backoff_seconds: u32,
}

/// `workflow.notification`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationConfig {
    /// Whether the end of a workflow is told.
    pub enabled: bool,
    /// To whom.
    pub email: Option<EmailAddress>,
}

/// `engine`: what flags and `EPYCLOUD_` variables say for one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineConfig {
    /// `engine.name`.
    pub name: Option<EngineName>,
    /// `engine.suite_behaviour`.
    pub suite_behaviour: Option<SuiteBehaviour>,
    /// `engine.population_data`.
    pub population_data: Option<PathBuf>,
    /// `engine.data_tables`.
    pub data_tables: Option<PathBuf>,
}
