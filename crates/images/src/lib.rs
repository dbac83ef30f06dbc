//! Building container images with Docker: what `epycloud build` and `cargo xtask docker-build` share.
//!
//! A build is plain data ([`ImageBuild`]) that becomes a command. Secrets, and addresses that may
//! hold one, reach it as BuildKit secrets: none is in an argument, a layer or the image's history.
//!
//! ```
//! use epycloud_config::Environment;
//! use epycloud_images::Engine;
//!
//! let nowhere = Environment::from_pairs([("PATH", "")]);
//! assert_eq!(Engine::find(&nowhere).unwrap_err().to_string(), "no `docker` on PATH");
//! ```

mod build;
mod checkout;
mod engine;
mod error;
mod network;
mod sources;

pub use build::ImageBuild;
pub use checkout::{Checkout, revision};
pub use engine::Engine;
pub use error::ImagesError;
pub use network::NetworkFile;
pub use sources::Sources;
