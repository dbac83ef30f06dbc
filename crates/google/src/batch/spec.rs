//! A job as Batch is told of it: the fields of the API that are used here, by their own names.

use std::collections::BTreeMap;

use serde::Serialize;

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobSpec {
    /// On the job, and on every log entry of its tasks.
    pub labels: BTreeMap<String, String>,
    /// What its tasks do; Batch supports one group.
    pub task_groups: Vec<TaskGroup>,
    /// On which machines.
    pub allocation_policy: AllocationPolicy,
    /// Where its log goes.
    pub logs_policy: LogsPolicy,
}

/// Tasks that differ in their index, and in variables of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskGroup {
    /// How many; absent where each has variables of its own, which are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_count: Option<u32>,
    /// Each task's own variables, in the order of their indices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub task_environments: Vec<Environment>,
    /// How many at the same time; as many as Batch likes if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// The most on one machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_count_per_node: Option<u32>,
    /// What each does.
    pub task_spec: TaskSpec,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskSpec {
    /// Its programs, one after the other.
    pub runnables: Vec<Runnable>,
    /// Their variables.
    pub environment: Environment,
    /// What they need.
    pub compute_resource: ComputeResource,
    /// When it is ended, such as `3600s`.
    pub max_run_duration: String,
    /// Further attempts, 0 to 10.
    pub max_retry_count: u32,
    /// Which failures are worth one; others are final.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lifecycle_policies: Vec<LifecyclePolicy>,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Runnable {
    /// Its container.
    pub container: Container,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The image.
    pub image_uri: String,
    /// What is started in it.
    pub entrypoint: String,
    /// Its arguments.
    pub commands: Vec<String>,
}

/// Variables. Never a secret: whoever may see the job sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// By name.
    pub variables: BTreeMap<String, String>,
}

/// What a task needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComputeResource {
    /// Thousandths of a virtual processor.
    pub cpu_milli: u64,
    /// MiB.
    pub memory_mib: u64,
}

/// What follows a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecyclePolicy {
    /// What is done.
    pub action: Action,
    /// After which.
    pub action_condition: ActionCondition,
}

/// What is done after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    /// Another attempt.
    RetryTask,
    /// The task has failed.
    FailTask,
}

/// Exit codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionCondition {
    /// Of the program, or of Batch itself (50001 and above).
    pub exit_codes: Vec<i32>,
}

/// On which machines a job's tasks run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationPolicy {
    /// Where.
    pub location: Location,
    /// Of which kind; one, and Batch chooses if it says nothing.
    pub instances: Vec<Instances>,
    /// In whose name.
    pub service_account: ServiceAccount,
    /// In which network; the project's default if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkPolicy>,
    /// On machines and disks, for the bill.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// How machines are connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// One.
    pub network_interfaces: Vec<NetworkInterface>,
}

/// A connection to a network, without an address that the Internet could reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInterface {
    /// The network's resource name or address.
    pub network: String,
    /// The subnetwork's.
    pub subnetwork: String,
    /// Whether the machine has no address outside.
    pub no_external_ip_address: bool,
}

/// Where machines may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// `regions/…`.
    pub allowed_locations: Vec<String>,
}

/// A kind of machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instances {
    /// Which.
    pub policy: InstancePolicy,
}

/// A kind of machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstancePolicy {
    /// Its type; Batch chooses if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_type: Option<String>,
    /// `STANDARD` or `SPOT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioning_model: Option<String>,
    /// Its disk; Batch chooses if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_disk: Option<BootDisk>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BootDisk {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// GB.
    #[serde(serialize_with = "int64")]
    pub size_gb: u64,
}

/// JSON carries an `int64` as a text.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn int64<S: serde::Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// In whose name tasks run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceAccount {
    /// Its address.
    pub email: String,
}

/// Where a log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "destination")]
pub enum LogsPolicy {
    /// To Cloud Logging.
    #[serde(rename = "CLOUD_LOGGING")]
    CloudLogging,
}
