//! Cloud Logging: entries, found by a filter, and followed without losing one.
//!
//! Source: <https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list>

mod entry;
mod filter;
mod follow;

use epycloud_config::ProjectId;
use serde_json::json;

pub use entry::{Entries, LogEntry, Severity};
pub use filter::{JobLog, workflow_filter};
pub use follow::Follow;

use crate::endpoints::Service;
use crate::request::{ApiRequest, Method};

/// The most entries of one page, by the API.
const PAGE: u32 = 1_000;

/// In which order entries are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The oldest first.
    Oldest,
    /// The newest first.
    Newest,
}

/// A project's entries that a filter leaves: a listing of [`Entries`].
#[must_use]
pub fn list_entries(project: &ProjectId, filter: &str, order: Order) -> ApiRequest {
    let order = match order {
        Order::Oldest => "timestamp asc",
        Order::Newest => "timestamp desc",
    };
    ApiRequest::new(
        Service::Logging,
        Method::Post,
        "v2/entries:list",
        "read the log",
    )
    .with_body(json!({
        "resourceNames": [format!("projects/{project}")],
        "filter": filter,
        "orderBy": order,
        "pageSize": PAGE,
    }))
}
