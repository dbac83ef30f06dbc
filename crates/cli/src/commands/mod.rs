//! What each command does.

pub(crate) mod job;
pub(crate) mod workflow;

mod runtime;
