//! The keys themselves.

use std::path::PathBuf;

use super::{Key, KeyKind, is};
use crate::user::value::{Token, Truth, Whole};
use crate::{
    BillingLabel, BucketName, DirPrefix, EmailAddress, EngineName, GitRef, GithubRepository,
    ImageName, ImageTag, LogLevel, MachineType, NetworkName, ProjectId, Region, Registry,
    SecretName, SuiteBehaviour,
};

/// Cloud Batch's limits: tasks at the same time, and seconds that a task may take (7 days).
///
/// Source: <https://cloud.google.com/batch/quotas>
pub(crate) const MOST_PARALLEL: u32 = 5000;
pub(crate) const LONGEST_RUN: u32 = 604_800;

/// Names that the original's older documents have for keys, and the keys. A current name wins
/// wherever both are given, since the original's code reads the current ones alone.
pub(super) const OLDER: &[(&str, &str)] = &[
    ("pipeline.dir_prefix", "storage.dir_prefix"),
    (
        "pipeline.max_parallelism",
        "google_cloud.batch.max_parallelism",
    ),
    (
        "google_cloud.batch.run_output_stage",
        "google_cloud.batch.stage_c.run_output_stage",
    ),
    (
        "resources.stage_a.cpu_milli",
        "google_cloud.batch.stage_a.cpu_milli",
    ),
    (
        "resources.stage_a.memory_mib",
        "google_cloud.batch.stage_a.memory_mib",
    ),
    (
        "resources.stage_b.cpu_milli",
        "google_cloud.batch.stage_b.cpu_milli",
    ),
    (
        "resources.stage_b.memory_mib",
        "google_cloud.batch.stage_b.memory_mib",
    ),
    (
        "resources.stage_c.cpu_milli",
        "google_cloud.batch.stage_c.cpu_milli",
    ),
    (
        "resources.stage_c.memory_mib",
        "google_cloud.batch.stage_c.memory_mib",
    ),
];

const REFERENCE: &str = "docs/reference/configuration-variables.md";
const SECRETS: &str = "src/epycloud/config/templates/secrets.yaml";
const OURS: &str = "";

const fn text(
    name: &'static str,
    values: &'static str,
    meaning: &'static str,
    check: fn(&str) -> Result<(), crate::settings::Problem>,
) -> Key {
    Key {
        name,
        kind: KeyKind::Text,
        values,
        meaning,
        original: REFERENCE,
        may_be_empty: false,
        check,
    }
}

const fn number(
    name: &'static str,
    values: &'static str,
    meaning: &'static str,
    check: fn(&str) -> Result<(), crate::settings::Problem>,
) -> Key {
    let mut key = text(name, values, meaning, check);
    key.kind = KeyKind::Number;
    key
}

const fn truth(name: &'static str, meaning: &'static str) -> Key {
    let mut key = text(name, "true or false", meaning, is::<Truth>());
    key.kind = KeyKind::Boolean;
    key
}

const fn optional(mut key: Key) -> Key {
    key.may_be_empty = true;
    key
}

const fn from(original: &'static str, mut key: Key) -> Key {
    key.original = original;
    optional(key)
}

const CPU: &str = "a whole number from 1, in thousandths of a core";
const MEMORY: &str = "a whole number from 1, in MiB";
const DURATION: &str = "seconds from 1 to 604800";
const MACHINE: &str = "a machine type, or nothing to let Batch choose";

const fn cpu(name: &'static str, meaning: &'static str) -> Key {
    number(name, CPU, meaning, is::<Whole<1, { u32::MAX }>>())
}

const fn memory(name: &'static str, meaning: &'static str) -> Key {
    number(name, MEMORY, meaning, is::<Whole<1, { u32::MAX }>>())
}

const fn duration(name: &'static str, meaning: &'static str) -> Key {
    number(name, DURATION, meaning, is::<Whole<1, LONGEST_RUN>>())
}

const fn machine(name: &'static str, meaning: &'static str) -> Key {
    optional(text(name, MACHINE, meaning, is::<MachineType>()))
}

pub(super) const KEYS: &[Key] = &[
    text(
        "storage.dir_prefix",
        "segments joined by /; {environment} and {profile} are filled in",
        "the folders of the bucket under which experiments lie",
        is::<DirPrefix>(),
    ),
    optional(text(
        "google_cloud.project_id",
        "a project's ID",
        "the Google Cloud project",
        is::<ProjectId>(),
    )),
    text(
        "google_cloud.region",
        "a region such as us-central1",
        "where jobs run and images lie",
        is::<Region>(),
    ),
    optional(text(
        "google_cloud.bucket_name",
        "a bucket's name, without gs://",
        "the bucket of artifacts and outputs; it must be there",
        is::<BucketName>(),
    )),
    optional(text(
        "google_cloud.billing_project",
        "1 to 63 of A-Z a-z 0-9 _ -, or nothing",
        "a label on every job, to tell costs apart in billing reports",
        is::<BillingLabel>(),
    )),
    from(
        SECRETS,
        text(
            "google_cloud.service_account_key_path",
            "a path, or nothing",
            "the key file of a service account, in place of the application default credentials",
            is::<PathBuf>(),
        ),
    ),
    from(
        OURS,
        text(
            "google_cloud.github_pat_secret",
            "a secret's name, or nothing for github-pat",
            "the secret of Secret Manager that holds the GitHub token (GITHUB_PAT_SECRET)",
            is::<SecretName>(),
        ),
    ),
    from(
        OURS,
        text(
            "google_cloud.network",
            "a network's name or resource name, or nothing for the project's default",
            "the network of Batch's machines, which then have no addresses outside",
            is::<NetworkName>(),
        ),
    ),
    from(
        OURS,
        text(
            "google_cloud.subnetwork",
            "a subnetwork's name or resource name, or nothing for the network's name",
            "the part of that network in the region",
            is::<NetworkName>(),
        ),
    ),
    number(
        "google_cloud.batch.max_parallelism",
        "a whole number from 1 to 5000",
        "tasks of stage B at the same time",
        is::<Whole<1, MOST_PARALLEL>>(),
    ),
    number(
        "google_cloud.batch.task_count_per_node",
        "a whole number from 1 to 1000",
        "tasks on one machine at the same time",
        is::<Whole<1, 1000>>(),
    ),
    cpu("google_cloud.batch.stage_a.cpu_milli", "CPU of stage A"),
    memory("google_cloud.batch.stage_a.memory_mib", "memory of stage A"),
    machine(
        "google_cloud.batch.stage_a.machine_type",
        "machine of stage A",
    ),
    duration(
        "google_cloud.batch.stage_a.max_run_duration",
        "the longest that stage A may take",
    ),
    cpu(
        "google_cloud.batch.stage_b.cpu_milli",
        "CPU of a task of stage B",
    ),
    memory(
        "google_cloud.batch.stage_b.memory_mib",
        "memory of a task of stage B",
    ),
    machine(
        "google_cloud.batch.stage_b.machine_type",
        "machine of stage B",
    ),
    duration(
        "google_cloud.batch.stage_b.max_run_duration",
        "the longest that a task of stage B may take",
    ),
    cpu("google_cloud.batch.stage_c.cpu_milli", "CPU of stage C"),
    memory("google_cloud.batch.stage_c.memory_mib", "memory of stage C"),
    machine(
        "google_cloud.batch.stage_c.machine_type",
        "machine of stage C",
    ),
    duration(
        "google_cloud.batch.stage_c.max_run_duration",
        "the longest that stage C may take",
    ),
    truth(
        "google_cloud.batch.stage_c.run_output_stage",
        "whether stage C runs after stage B",
    ),
    text(
        "docker.registry",
        "a host, without https://",
        "the registry of the image",
        is::<Registry>(),
    ),
    text(
        "docker.repo_name",
        "a name in lowercase",
        "the repository of Artifact Registry",
        is::<ImageName>(),
    ),
    text(
        "docker.image_name",
        "a name in lowercase",
        "the image's name",
        is::<ImageName>(),
    ),
    text(
        "docker.image_tag",
        "1 to 128 of A-Z a-z 0-9 _ . -",
        "the image's tag",
        is::<ImageTag>(),
    ),
    optional(text(
        "github.modeling_suite_repo",
        "owner/name, or nothing for the Dockerfile's own",
        "the repository of epymodelingsuite that images are built with",
        is::<GithubRepository>(),
    )),
    text(
        "github.modeling_suite_ref",
        "a branch, tag or commit",
        "which of its commits",
        is::<GitRef>(),
    ),
    optional(text(
        "github.forecast_repo",
        "owner/name",
        "the repository of experiments",
        is::<GithubRepository>(),
    )),
    optional(text(
        "github.forecast_repo_ref",
        "a branch, tag or commit, or nothing for the default branch",
        "which of its commits",
        is::<GitRef>(),
    )),
    Key {
        name: "github.personal_access_token",
        kind: KeyKind::Secret,
        values: "a token, in secrets.yaml",
        meaning: "the token for private repositories",
        original: REFERENCE,
        may_be_empty: true,
        check: is::<Token>(),
    },
    text(
        "logging.level",
        "debug, info, warning, error or critical, in any case",
        "how much is logged",
        is::<LogLevel>(),
    ),
    truth(
        "logging.storage_verbose",
        "whether each read and write is logged",
    ),
    number(
        "workflow.retry_policy.max_attempts",
        "a whole number from 1 to 100",
        "attempts at a step of a cloud workflow",
        is::<Whole<1, 100>>(),
    ),
    number(
        "workflow.retry_policy.backoff_seconds",
        "seconds from 0 to 86400",
        "the wait between them",
        is::<Whole<0, 86_400>>(),
    ),
    truth(
        "workflow.notification.enabled",
        "whether the end of a workflow is told",
    ),
    optional(text(
        "workflow.notification.email",
        "an email address, or nothing",
        "to whom",
        is::<EmailAddress>(),
    )),
    from(
        OURS,
        text(
            "engine.name",
            "native or python, or nothing",
            "the engine that does the modelling (EPYCLOUD_ENGINE)",
            is::<EngineName>(),
        ),
    ),
    from(
        OURS,
        text(
            "engine.suite_behaviour",
            "latest or 0.1.0, or nothing",
            "the version of the suite to agree with (EPYCLOUD_SUITE_BEHAVIOUR)",
            is::<SuiteBehaviour>(),
        ),
    ),
    from(
        OURS,
        text(
            "engine.population_data",
            "a path, or nothing",
            "the folder of population data (EPYCLOUD_POPULATION_DATA)",
            is::<PathBuf>(),
        ),
    ),
    from(
        OURS,
        text(
            "engine.data_tables",
            "a path, or nothing",
            "the folder of the suite's tables (EPYCLOUD_DATA_TABLES)",
            is::<PathBuf>(),
        ),
    ),
];
