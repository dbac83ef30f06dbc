//! A profile's file by itself.

use super::error::UserConfigError;
use super::file::{ConfigFile, ProfileMetadata, Role};
use super::folder::{ConfigFolder, LayerName};
use super::key::keys;
use super::text::{Line, document};
use crate::settings::SettingError;

/// A profile's file by itself, whatever other layers say.
#[derive(Debug)]
pub struct Profile {
    file: ConfigFile,
}

impl ConfigFolder {
    /// Reads a profile's file; `None` where there is none.
    ///
    /// # Errors
    /// It can't be read or isn't YAML.
    pub fn profile(&self, name: &LayerName) -> Result<Option<Profile>, UserConfigError> {
        let file = ConfigFile::read(&self.profile_file(name), Role::Profile)?;
        Ok(file.map(|file| Profile { file }))
    }
}

impl Profile {
    /// What it says of itself.
    #[must_use]
    pub const fn metadata(&self) -> &ProfileMetadata {
        &self.file.metadata
    }

    /// Its keys, with the texts that it gives; secrets are left out.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        keys()
            .iter()
            .filter(|key| !key.is_secret())
            .filter_map(|key| {
                let text = self.file.layer.entries.get(key.name)?.text.as_deref()?;
                Some((key.name, text))
            })
    }

    /// Its keys as YAML, secrets masked.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let lines: Vec<Line<'_>> = keys()
            .iter()
            .filter_map(|key| {
                let entry = self.file.layer.entries.get(key.name)?;
                Some(Line {
                    key,
                    text: entry.text.as_deref(),
                    remark: None,
                })
            })
            .collect();
        document(&lines)
    }

    /// What is probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.file.warnings
    }

    /// What can't be used.
    #[must_use]
    pub fn faults(&self) -> &[SettingError] {
        &self.file.faults
    }
}
