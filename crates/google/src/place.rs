//! Where in the cloud something is: project and region, and the names of what is there.

use epycloud_config::{ProjectId, Region};

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
