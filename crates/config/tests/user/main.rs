//! Layered configuration as a user meets it: files, variables, and what is said of them.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

mod edit;
mod faults;
mod home;
mod layers;
mod original;
mod properties;
mod templates;
