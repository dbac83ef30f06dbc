//! Google Cloud's services over REST, as far as epycloud needs them: Batch, Workflows and their
//! executions, Cloud Logging, Cloud Build, Secret Manager and Compute Engine's machine types; and what
//! runs cost by list prices ([`costs`]).
//!
//! A request is plain data that a pure function makes ([`ApiRequest`]); a [`Client`] sends it, with
//! the credentials of an [`Auth`], again and again while the failure is temporary and the deadline
//! isn't reached. Answers are read tolerantly: what this version doesn't know, it keeps as text.
//!
//! ```
//! use epycloud_google::{Endpoints, Place, batch};
//!
//! let place = Place::new("my-project".parse()?, "us-central1".parse()?);
//! let request = batch::get_job(&place.job("stage-b-1a2b3c4d"));
//! assert_eq!(
//!     request.url(&Endpoints::google())?.as_str(),
//!     "https://batch.googleapis.com/v1/projects/my-project/locations/us-central1/jobs/stage-b-1a2b3c4d"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod auth;
pub mod batch;
mod client;
pub mod cloud_build;
pub mod compute;
pub mod costs;
mod dated_table;
mod endpoints;
mod error;
pub mod executions;
mod labels;
pub mod logging;
pub mod machine_types;
mod pages;
pub mod pipeline;
mod place;
mod request;
mod request_id;
mod retry;
pub mod secret_manager;
mod tolerant;
pub mod workflows;

pub use auth::Auth;
pub use client::Client;
pub use endpoints::{Endpoints, Service};
pub use error::GoogleError;
pub use labels::{label_value, labels};
pub use pages::Page;
pub use place::Place;
pub use request::{ApiRequest, Method, Repeat};
pub use request_id::request_id;
pub use retry::RetryPolicy;

/// What every function here that talks to a server returns.
pub type Result<T, E = GoogleError> = std::result::Result<T, E>;
