//! The bucket that a command is about: on this machine, or somewhere else.

use std::path::Path;

use epycloud_config::user::Configuration;
use epycloud_config::{DirPrefix, Environment, Source};
use epycloud_errors::Report;
use epycloud_storage::{RunLayout, Storage};

use crate::arguments::Within;
use crate::context::Context;
use crate::settings;

/// A bucket, and the folder in it under which experiments lie.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) storage: Storage,
    pub(crate) prefix: DirPrefix,
    /// Its address.
    address: String,
}

impl Bucket {
    /// The one that the command line names, else the configuration's, else the project's on this
    /// machine.
    pub(crate) fn open(within: &Within, context: &Context) -> Result<Self, Report> {
        let environment = context.stage_environment()?;
        let configuration = Configuration::load(context.caller(), context.selection())?;
        let values = configuration.values();
        let configured = values.google_cloud.bucket_name.as_ref();
        let prefix = match &within.dir_prefix {
            Some(prefix) => prefix.clone(),
            None => settings::without_stage(&environment, [])?.dir_prefix.value,
        };
        let address = match (&within.bucket, configured) {
            (Some(given), _) => address(given),
            (None, Some(bucket)) if !within.local => format!("gs://{bucket}"),
            _ => {
                let found =
                    settings::Bucket::locate(context.project_directory(), context.caller())?;
                found.folder.display().to_string()
            }
        };
        Ok(Self {
            storage: Storage::open_with(
                &address,
                &storage_environment(context.caller(), &configuration),
            )?,
            prefix,
            address,
        })
    }

    /// A run's address, with a slash at its end as buckets have it.
    pub(crate) fn url_of(&self, layout: &RunLayout) -> String {
        format!("{}/", self.storage.url_of(layout.root()))
    }

    /// Where its experiments lie, for people.
    pub(crate) fn place(&self) -> String {
        let address = self.address.trim_end_matches('/');
        if self.prefix.is_empty() {
            address.to_owned()
        } else {
            format!("{address}/{}", self.prefix)
        }
    }
}

/// The caller's environment, as buckets are opened with: with the credentials that the configuration
/// names for Google's services, where the caller names none.
pub(crate) fn storage_environment(
    caller: &Environment,
    configuration: &Configuration,
) -> Environment {
    const KEY: &str = "google_cloud.service_account_key_path";
    let key = &configuration.values().google_cloud.service_account_key_path;
    match key {
        Some(path) => caller.clone().with_fallback(
            "GOOGLE_APPLICATION_CREDENTIALS",
            path.display().to_string(),
            configuration.source_of(KEY).unwrap_or(Source::Default),
        ),
        None => caller.clone(),
    }
}

/// What `--bucket` means: a name alone is a bucket of Google's.
fn address(given: &str) -> String {
    let is_name = !given.contains(['/', ':']) && !given.starts_with('.');
    if is_name && !Path::new(given).is_dir() {
        format!("gs://{given}")
    } else {
        given.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_name_is_a_bucket_of_googles_and_everything_else_an_address() {
        assert_eq!(address("my-bucket"), "gs://my-bucket");
        assert_eq!(address("s3://other/x"), "s3://other/x");
        for folder in ["./bucket", "/data/bucket", "local/bucket"] {
            assert_eq!(address(folder), folder);
        }
    }
}
