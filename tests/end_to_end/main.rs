//! The `epycloud` command as a user runs it: the built binary, a forecast repository, its output.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

#[cfg(unix)]
mod build;
mod calibration;
#[cfg(unix)]
mod config;
#[cfg(unix)]
mod containers;
mod deployment;
mod download;
mod experiments;
mod failures;
#[path = "../support/help.rs"]
mod help;
#[cfg(unix)]
mod home;
mod logs;
#[cfg(unix)]
mod profile;
mod project;
#[cfg(feature = "python")]
mod python;
mod quickstart;
#[path = "../support/ran.rs"]
mod ran;
mod reference;
mod report;
mod reproduce;
mod resume;
mod shell;
mod slurm;
mod status;
#[cfg(unix)]
mod terraform;
mod usage;
mod validate;
