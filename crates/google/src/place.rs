//! Where in the cloud something is: project and region, and the names of what is there.

use std::fmt;
use std::str::FromStr;

use epycloud_config::ProjectId;
use epycloud_errors::{Diagnose, ExitCode};

/// A region, such as `us-central1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let starts = text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase());
        if starts && text.len() <= 63 && !text.ends_with('-') && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRegion(text.to_owned()))
        }
    }
}

/// A text that is no region's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a region; expected a name such as `us-central1`")]
pub struct InvalidRegion(String);

impl Diagnose for InvalidRegion {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// A project's region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The project.
    pub project: ProjectId,
    /// The region.
    pub region: Region,
}

impl Place {
    /// A project's region.
    #[must_use]
    pub const fn new(project: ProjectId, region: Region) -> Self {
        Self { project, region }
    }

    /// `projects/…/locations/…`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("projects/{}/locations/{}", self.project, self.region)
    }

    /// A Batch job's resource name.
    #[must_use]
    pub fn job(&self, job_id: &str) -> String {
        format!("{}/jobs/{job_id}", self.path())
    }

    /// A workflow's resource name.
    #[must_use]
    pub fn workflow(&self, workflow: &str) -> String {
        format!("{}/workflows/{workflow}", self.path())
    }

    /// An execution's resource name, of its ID or of the name itself.
    #[must_use]
    pub fn execution(&self, workflow: &str, execution: &str) -> String {
        if execution.starts_with("projects/") {
            return execution.to_owned();
        }
        format!("{}/executions/{execution}", self.workflow(workflow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_plain_names() {
        for text in ["us-central1", "europe-west4"] {
            assert_eq!(text.parse::<Region>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "US-central1",
            "us central1",
            "us-",
            "-us",
            "us/../x",
            "1us",
        ] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }
}
