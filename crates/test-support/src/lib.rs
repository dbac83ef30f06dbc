//! Fixtures, redactions and misbehaving wrappers for tests.

#[cfg(feature = "google")]
pub mod google;
#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "store")]
pub mod store;
