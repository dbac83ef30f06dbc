//! Which server a service is at.

use epycloud_config::GoogleEndpoint;

/// A service with an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Batch: jobs and their tasks.
    Batch,
    /// Cloud Build.
    CloudBuild,
    /// Compute Engine: machine types.
    Compute,
    /// Cloud Logging.
    Logging,
    /// Secret Manager.
    SecretManager,
    /// Workflows: definitions.
    Workflows,
    /// Workflows: executions.
    WorkflowExecutions,
}

impl Service {
    /// The first label of its host's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::CloudBuild => "cloudbuild",
            Self::Compute => "compute",
            Self::Logging => "logging",
            Self::SecretManager => "secretmanager",
            Self::Workflows => "workflows",
            Self::WorkflowExecutions => "workflowexecutions",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Batch => "Batch",
            Self::CloudBuild => "Cloud Build",
            Self::Compute => "Compute Engine",
            Self::Logging => "Cloud Logging",
            Self::SecretManager => "Secret Manager",
            Self::Workflows => "Workflows",
            Self::WorkflowExecutions => "Workflow Executions",
        }
    }
}

/// Where the services are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    one_for_all: Option<GoogleEndpoint>,
}

impl Endpoints {
    /// Google's own.
    #[must_use]
    pub const fn google() -> Self {
        Self { one_for_all: None }
    }

    /// One server for all, each service below a folder of its name; Google's own if none.
    #[must_use]
    pub const fn new(one_for_all: Option<GoogleEndpoint>) -> Self {
        Self { one_for_all }
    }

    /// What a service's paths are appended to, without a slash at its end.
    #[must_use]
    pub fn base(&self, service: Service) -> String {
        let name = service.name();
        match &self.one_for_all {
            Some(endpoint) => format!("{endpoint}/{name}"),
            None => format!("https://{name}.googleapis.com"),
        }
    }
}
