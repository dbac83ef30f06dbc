//! What the commands over Google Cloud share: the configuration, the client, and how things are
//! shown.

pub(crate) mod confirm;
pub(crate) mod costs;
pub(crate) mod jobs;
pub(crate) mod machines;
pub(crate) mod narrow;
pub(crate) mod show;
pub(crate) mod watch;

use epycloud_config::user::Configuration;
use epycloud_config::{BucketName, CredentialsSource, Environment, GoogleSettings};
use epycloud_errors::{Diagnose as _, Report};
use epycloud_google::{Client, Place, pipeline};
use epycloud_storage::Storage;

pub(crate) use epycloud_google::request_id;

use crate::bucket::storage_environment;
use crate::context::Context;
use crate::error::CliError;

/// A project in Google Cloud, as the configuration names it.
#[derive(Debug)]
pub(crate) struct Cloud {
    /// The configuration.
    pub(crate) configuration: Configuration,
    /// Project and region.
    pub(crate) place: Place,
    google: GoogleSettings,
}

impl Cloud {
    /// The project that the configuration names; `None` if it names none.
    pub(crate) fn configured(context: &Context) -> Result<Option<Self>, Report> {
        let configuration = context.configuration()?;
        let Some(project) = configuration.values().google_cloud.project_id.clone() else {
            return Ok(None);
        };
        let mut google = GoogleSettings::from_environment(context.caller())?;
        let key = &configuration.values().google_cloud.service_account_key_path;
        let is_named = matches!(
            google.credentials,
            CredentialsSource::File { named: true, .. }
        );
        if let Some(path) = key.as_ref().filter(|_| !is_named) {
            google.credentials = CredentialsSource::File {
                path: path.clone(),
                named: true,
            };
        }
        let region = configuration.values().google_cloud.region.clone();
        Ok(Some(Self {
            configuration,
            place: Place::new(project, region),
            google,
        }))
    }

    /// The project that the configuration names, for what can't do without.
    pub(crate) fn required(context: &Context) -> Result<Self, Report> {
        let found = Self::configured(context)?;
        found.ok_or_else(|| Report::from(CliError::NoProject))
    }

    /// A bucket of Google's, in the name of the account that its services are asked in.
    pub(crate) fn bucket(
        &self,
        name: &BucketName,
        caller: &Environment,
    ) -> Result<Storage, Report> {
        let environment = storage_environment(caller, &self.configuration);
        Ok(Storage::open_with(&format!("gs://{name}"), &environment)?)
    }

    /// A client for its services.
    pub(crate) fn client(&self) -> Result<Client, Report> {
        Ok(Client::new(&self.google)?)
    }

    /// The resource name of the workflow that runs all stages.
    pub(crate) fn workflow(&self) -> String {
        self.place.workflow(pipeline::WORKFLOW)
    }

    /// The resource name of an execution of it.
    pub(crate) fn execution(&self, id: &str) -> String {
        self.place.execution(pipeline::WORKFLOW, id)
    }
}

/// An error in a line, with its hint, where a command goes on.
pub(crate) fn in_a_line(error: &epycloud_google::GoogleError) -> String {
    let mut line = epycloud_errors::chain(error).join(": ");
    if let Some(hint) = error.hint() {
        line.push_str(&format!(" ({hint})"));
    }
    line
}
