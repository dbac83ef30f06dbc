//! Fixtures, redactions and misbehaving wrappers for tests.

pub mod models;
