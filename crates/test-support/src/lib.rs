//! Fixtures, redactions, misbehaving wrappers and servers for tests.

#[cfg(feature = "servers")]
pub mod cloud;
#[cfg(feature = "store")]
mod dice;
#[cfg(feature = "servers")]
pub mod gcs;
#[cfg(feature = "google")]
pub mod google;
#[cfg(feature = "servers")]
pub mod http;
#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "store")]
pub mod store;
