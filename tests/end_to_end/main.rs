//! The `epycloud` command as a user runs it: the built binary, a forecast repository, its output.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

mod calibration;
#[cfg(unix)]
mod containers;
mod download;
mod experiments;
mod failures;
mod logs;
mod project;
#[cfg(feature = "python")]
mod python;
mod quickstart;
mod reference;
mod report;
mod reproduce;
mod resume;
mod shell;
mod slurm;
mod status;
mod usage;
mod validate;
