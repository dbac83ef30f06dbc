//! A configuration that can be used.

use super::error::UserConfigError;
use super::inspection::Inspection;
use super::selection::Selection;
use super::values::UserConfig;
use crate::settings::{Environment, SettingsErrors, Source};
use crate::{BucketName, ProjectId};

/// A configuration that can be used: typed, every value knowing its source.
///
/// Layers, lowest first: built-in defaults, `config.yaml`, `environments/{env}.yaml`,
/// `profiles/{profile}.yaml`, the project's `epycloud.yaml`, `secrets.yaml`, and variables such as
/// `EPYCLOUD_DOCKER__IMAGE_TAG`. Without any of them the defaults hold.
///
/// ```
/// use epycloud_config::Environment;
/// use epycloud_config::user::{Configuration, Selection};
///
/// let caller = Environment::from_pairs([("EPYCLOUD_DOCKER__IMAGE_TAG", "v1.0.0")]);
/// let configuration = Configuration::load(&caller, &Selection::default())?;
/// assert_eq!(configuration.values().docker.image_tag.as_str(), "v1.0.0");
/// assert_eq!(
///     configuration.source_of("docker.image_tag").unwrap().to_string(),
///     "environment variable EPYCLOUD_DOCKER__IMAGE_TAG"
/// );
/// assert_eq!(configuration.values().google_cloud.region.as_str(), "us-central1");
/// # Ok::<(), epycloud_config::user::UserConfigError>(())
/// ```
#[derive(Debug)]
pub struct Configuration {
    inspection: Inspection,
    values: UserConfig,
}

impl Configuration {
    /// Reads all layers that the selection and the caller's environment name.
    ///
    /// # Errors
    /// As [`Inspection::read`], and every value that can't be used, with its place.
    pub fn load(caller: &Environment, selection: &Selection) -> Result<Self, UserConfigError> {
        Self::from_inspection(Inspection::read(caller, selection)?)
    }

    /// The configuration of an inspection that found nothing wrong.
    ///
    /// # Errors
    /// Every value that can't be used, with its place.
    pub fn from_inspection(mut inspection: Inspection) -> Result<Self, UserConfigError> {
        let values = inspection.values.take();
        SettingsErrors::from_list(std::mem::take(&mut inspection.faults))
            .map_err(|source| UserConfigError::Values { source })?;
        match values {
            Some(values) => Ok(Self { inspection, values }),
            None => Err(UserConfigError::Missing {
                key: "storage.dir_prefix",
                placeholder: None,
            }),
        }
    }

    /// The values, typed; templates are filled in.
    #[must_use]
    pub const fn values(&self) -> &UserConfig {
        &self.values
    }

    /// Where a key's value is from; `None` for a key that has none.
    #[must_use]
    pub fn source_of(&self, key: &str) -> Option<Source> {
        self.inspection.source_of(key).cloned()
    }

    /// What is probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        self.inspection.warnings()
    }

    /// What it was made of.
    #[must_use]
    pub const fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// The Google Cloud project, for what can't do without.
    ///
    /// # Errors
    /// It isn't set, or is a template's placeholder still.
    pub fn project_id(&self) -> Result<&ProjectId, UserConfigError> {
        let found = self.values.google_cloud.project_id.as_ref();
        found.ok_or_else(|| self.missing("google_cloud.project_id"))
    }

    /// The bucket, for what can't do without.
    ///
    /// # Errors
    /// It isn't set, or is a template's placeholder still.
    pub fn bucket_name(&self) -> Result<&BucketName, UserConfigError> {
        let found = self.values.google_cloud.bucket_name.as_ref();
        found.ok_or_else(|| self.missing("google_cloud.bucket_name"))
    }

    fn missing(&self, key: &'static str) -> UserConfigError {
        let text = self.inspection.text_of(key).map(str::to_owned);
        UserConfigError::Missing {
            key,
            placeholder: text.filter(|text| !text.is_empty()),
        }
    }
}
