//! From the command line and the configuration to what a run in the cloud is.

use std::collections::BTreeMap;

use epycloud_config::{BucketName, GitRef, RunId, SecretName};
use epycloud_errors::Report;
use epycloud_google::batch::{JobLabels, Network};

use crate::arguments::{Common, InCloud};
use crate::cloud::Cloud;
use crate::error::CliError;

/// What `--cleanup` comes to without stage C.
pub(super) const NO_CLEANUP: &str =
    "`--cleanup` is stage C's work, which isn't asked for: the archive of the repository stays";

/// What both kinds of run take from the configuration and the command line.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) run_id: RunId,
    pub(super) bucket: BucketName,
    pub(super) forecast_ref: Option<GitRef>,
    pub(super) image: String,
    pub(super) image_tag: String,
    pub(super) service_account: String,
    pub(super) token_secret: SecretName,
    pub(super) task_count_per_node: u32,
    pub(super) labels: JobLabels,
    pub(super) variables: BTreeMap<String, String>,
}

impl Shared {
    pub(super) fn resolve(
        common: &Common,
        in_cloud: &InCloud,
        cloud: &Cloud,
    ) -> Result<Self, Report> {
        refuse_local_options(common)?;
        let values = cloud.configuration.values();
        let google = &values.google_cloud;
        let project = &cloud.place.project;
        Ok(Self {
            // In UTC, and known here before the workflow has begun.
            run_id: common.run_id.clone().unwrap_or_else(RunId::generate),
            bucket: cloud.configuration.bucket_name()?.clone(),
            forecast_ref: in_cloud
                .forecast_repo_ref
                .clone()
                .or_else(|| values.github.forecast_repo_ref.clone()),
            image: values.docker.image(project, &values.docker.image_tag),
            image_tag: values.docker.image_tag.to_string(),
            // As Terraform calls it.
            service_account: format!("batch-runtime@{project}.iam.gserviceaccount.com"),
            token_secret: google.github_pat_secret.clone().unwrap_or_default(),
            task_count_per_node: in_cloud
                .task_count_per_node
                .unwrap_or(google.batch.task_count_per_node),
            labels: JobLabels {
                profile: profile(cloud),
                billing_project: in_cloud
                    .billing_project
                    .as_ref()
                    .or(google.billing_project.as_ref())
                    .map(ToString::to_string),
            },
            variables: variables(common, in_cloud, cloud),
        })
    }
}

/// The profile by the name it gives itself, or its file's.
pub(super) fn profile(cloud: &Cloud) -> Option<String> {
    let inspection = cloud.configuration.inspection();
    let own = inspection.profile_metadata().name.clone();
    own.or_else(|| inspection.profile().map(ToString::to_string))
}

/// The configured network, by resource names.
pub(super) fn network(cloud: &Cloud) -> Option<Network> {
    let google = &cloud.configuration.values().google_cloud;
    let network = google.network.as_ref()?;
    let (project, region) = (&cloud.place.project, &cloud.place.region);
    // A network that makes its own subnetworks calls them after itself.
    let own_name = || {
        let name = network.as_str().rsplit('/').next();
        name.unwrap_or_default().to_owned()
    };
    let subnetwork = google.subnetwork.as_ref();
    let subnetwork = subnetwork.map_or_else(own_name, ToString::to_string);
    let whole = |given: &str, folder: &str| {
        if given.contains('/') {
            given.to_owned()
        } else {
            format!("projects/{project}/{folder}/{given}")
        }
    };
    Some(Network {
        network: whole(network.as_str(), "global/networks"),
        subnetwork: whole(&subnetwork, &format!("regions/{region}/subnetworks")),
    })
}

/// What stages are told beyond what every run has.
fn variables(common: &Common, in_cloud: &InCloud, cloud: &Cloud) -> BTreeMap<String, String> {
    let values = cloud.configuration.values();
    let engine = common.modelling.engine.or(values.engine.name);
    let behaviour = common
        .modelling
        .suite_behaviour
        .or(values.engine.suite_behaviour);
    let all = [
        ("EPYCLOUD_ENGINE", engine.map(|engine| engine.to_string())),
        (
            "EPYCLOUD_SUITE_BEHAVIOUR",
            behaviour.map(|behaviour| behaviour.to_string()),
        ),
        ("EPYCLOUD_CLEANUP", in_cloud.cleanup.then(|| "true".into())),
        ("LOG_LEVEL", Some(values.logging.level.to_string())),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// Folders of this machine mean nothing there.
fn refuse_local_options(common: &Common) -> Result<(), CliError> {
    for (option, is_given) in [
        (
            "--population-data",
            common.modelling.population_data.is_some(),
        ),
        ("--data-tables", common.modelling.data_tables.is_some()),
    ] {
        if is_given {
            return Err(CliError::OnlyLocal { option });
        }
    }
    Ok(())
}
