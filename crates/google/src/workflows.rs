//! Definitions of workflows.
//!
//! Source: <https://cloud.google.com/workflows/docs/reference/rest/v1/projects.locations.workflows>

use serde::Deserialize;

use crate::endpoints::Service;
use crate::request::{ApiRequest, Method};

/// A workflow's definition, as far as it is read here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Workflow {
    /// Its resource name.
    pub name: String,
    /// `ACTIVE`, or `UNAVAILABLE` while something it needs is missing.
    pub state: String,
    /// Its latest revision.
    pub revision_id: String,
    /// When that was made (RFC 3339).
    pub revision_create_time: Option<String>,
    /// In whose name it runs.
    pub service_account: String,
}

/// A workflow's definition.
#[must_use]
pub fn get(name: &str) -> ApiRequest {
    let id = name.rsplit('/').next().unwrap_or(name);
    ApiRequest::new(
        Service::Workflows,
        Method::Get,
        format!("v1/{name}"),
        format!("read workflow `{id}`"),
    )
}
