//! What the workflow of a whole run is given.
//!
//! The names are the original's, so that its deployed workflow takes them too; ours reads all of
//! them.

mod job;

use std::collections::BTreeMap;

use epycloud_config::{
    BucketName, DirPrefix, ExpId, FileName, GitRef, GithubRepository, RunId, SecretName,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::batch::{JobLabels, Machine, Provisioning};
use crate::labels::{label_value, labels};

/// The workflow that Terraform deploys.
pub const WORKFLOW: &str = "epymodelingsuite-pipeline";

/// A run of all stages in the cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineRun {
    /// The experiment.
    pub exp_id: ExpId,
    /// The run. It is always given: the workflow's own would not be known here before it began.
    pub run_id: RunId,
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
    /// In whose name the jobs run.
    pub service_account: String,
    /// The image.
    pub image: String,
    /// Its tag: all that the original's workflow reads of it.
    pub image_tag: String,
    /// Tasks of stage B at the same time.
    pub max_parallelism: u32,
    /// The most tasks on one machine.
    pub task_count_per_node: u32,
    /// The machines of stages A, B and C.
    pub machines: [Machine; 3],
    /// How stage B's machines are paid for.
    pub provisioning: Provisioning,
    /// How often tasks of stage B that failed by themselves are submitted again; the workflow's own
    /// number if not said.
    pub resubmissions: Option<u32>,
    /// Whether stage C runs.
    pub run_output_stage: bool,
    /// The output configuration.
    pub output_config: Option<FileName>,
    /// Whether outputs are written although results are missing.
    pub allow_partial: bool,
    /// The share of tasks that must have a result then.
    pub min_success_ratio: Option<f64>,
    /// For the bill.
    pub labels: JobLabels,
    /// Further variables of the stages (engine and the like).
    pub variables: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Argument<'a> {
    #[serde(rename = "exp_id")]
    exp_id: &'a ExpId,
    run_id: &'a RunId,
    bucket: &'a BucketName,
    dir_prefix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    github_forecast_repo: Option<&'a GithubRepository>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast_repo_ref: Option<&'a GitRef>,
    github_pat_secret: &'a SecretName,
    batch_sa_email: &'a str,
    image_uri: &'a str,
    image_tag: &'a str,
    max_parallelism: u32,
    task_count_per_node: u32,
    #[serde(rename = "stageBProvisioning", skip_serializing_if = "Option::is_none")]
    provisioning: Option<&'static str>,
    #[serde(
        rename = "stageBResubmissions",
        skip_serializing_if = "Option::is_none"
    )]
    resubmissions: Option<u32>,
    run_output_stage: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config_file: Option<&'a FileName>,
    allow_partial_results: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_success_ratio: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    profile: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    billing_project: String,
    exp_id_label: String,
    run_id_label: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: &'a BTreeMap<String, String>,
}

impl PipelineRun {
    /// The argument of the execution. Each stage's resources are always there, also where Batch
    /// chooses the machine.
    #[must_use]
    pub fn argument(&self) -> Value {
        let value = |text: &Option<String>| label_value(text.as_deref().unwrap_or_default());
        let mut argument = json!(Argument {
            exp_id: &self.exp_id,
            run_id: &self.run_id,
            bucket: &self.bucket,
            dir_prefix: format!("{}/", self.dir_prefix),
            github_forecast_repo: self.forecast_repo.as_ref(),
            forecast_repo_ref: self.forecast_ref.as_ref(),
            github_pat_secret: &self.token_secret,
            batch_sa_email: &self.service_account,
            image_uri: &self.image,
            image_tag: &self.image_tag,
            max_parallelism: self.max_parallelism,
            task_count_per_node: self.task_count_per_node,
            provisioning: (self.provisioning == Provisioning::Spot).then_some("SPOT"),
            resubmissions: self.resubmissions,
            run_output_stage: self.run_output_stage,
            output_config_file: self.output_config.as_ref(),
            allow_partial_results: self.allow_partial,
            min_success_ratio: self.min_success_ratio,
            profile: value(&self.labels.profile),
            billing_project: value(&self.labels.billing_project),
            exp_id_label: label_value(self.exp_id.as_str()),
            run_id_label: label_value(self.run_id.as_str()),
            variables: &self.variables,
        });
        if let Value::Object(members) = &mut argument {
            for (letter, machine) in ["A", "B", "C"].into_iter().zip(&self.machines) {
                add_machine(members, letter, machine);
            }
        }
        argument
    }

    /// What the execution itself is labelled with, to find it by.
    #[must_use]
    pub fn execution_labels(&self) -> BTreeMap<String, String> {
        labels([
            ("exp_id", self.exp_id.as_str()),
            ("run_id", self.run_id.as_str()),
        ])
    }
}

fn add_machine(members: &mut Map<String, Value>, letter: &str, machine: &Machine) {
    let mut set = |name: &str, value: Value| members.insert(format!("stage{letter}{name}"), value);
    if let Some(machine_type) = &machine.machine_type {
        set("MachineType", json!(machine_type));
    }
    set("CpuMilli", json!(machine.cpu_milli));
    set("MemoryMib", json!(machine.memory_mib));
    set(
        "MaxRunDuration",
        json!(format!("{}s", machine.max_run_secs)),
    );
}
