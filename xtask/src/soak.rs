//! `cargo xtask soak`: the tests that kill processes and inject faults, many more times.

use clap::Args;

use crate::failure::Failure;
use crate::process::{self, cargo};

#[derive(Args)]
pub(crate) struct Options {
    /// How often each test kills its process.
    #[arg(long, default_value_t = 300)]
    kills: u32,
    /// Cases of every property test.
    #[arg(long, default_value_t = 20_000)]
    cases: u32,
}

/// Runs every test whose name says `kill`, and the property tests, with larger counts.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    process::run(
        cargo()
            .args(["test", "--workspace", "--", "--nocapture", "kill"])
            .env("EPYCLOUD_SOAK_KILLS", options.kills.to_string()),
    )?;
    process::run(
        cargo()
            .args(["test", "--workspace", "--", "propert"])
            .env("PROPTEST_CASES", options.cases.to_string()),
    )
}
