//! What each command does.

pub(crate) mod job;
pub(crate) mod worker;
pub(crate) mod workflow;

mod runtime;
