//! What each command does.

pub(crate) mod build;
pub(crate) mod config;
pub(crate) mod costs;
pub(crate) mod download;
pub(crate) mod executions;
pub(crate) mod experiment;
pub(crate) mod job;
pub(crate) mod logs;
pub(crate) mod machine_types;
pub(crate) mod profile;
pub(crate) mod report;
pub(crate) mod reproduce;
pub(crate) mod shell;
pub(crate) mod status;
pub(crate) mod task;
pub(crate) mod terraform;
pub(crate) mod validate;
pub(crate) mod workflow;

mod executor;
mod forecasts;
mod runs;
mod runtime;
mod submit;
