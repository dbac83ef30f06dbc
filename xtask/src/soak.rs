//! `cargo xtask soak`: the tests that kill processes and inject faults, many more times.

use clap::Args;

use crate::failure::Failure;
use crate::oracle;
use crate::process::{self, cargo, say};

#[derive(Args)]
pub(crate) struct Options {
    /// How often each test kills its process.
    #[arg(long, default_value_t = 300)]
    kills: u32,
    /// Cases of every property test.
    #[arg(long, default_value_t = 20_000)]
    cases: u32,
    /// How many runs in the cloud are made while requests fail.
    #[arg(long, default_value_t = 200)]
    cloud_runs: u32,
    /// How many tasks one worker of the python engine does.
    #[arg(long, default_value_t = 1000)]
    tasks: u32,
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
    )?;
    for (package, test) in [("epycloud-dispatcher", "cloud"), ("epycloud-cli", "batch")] {
        process::run(
            cargo()
                .args([
                    "test",
                    "-p",
                    package,
                    "--test",
                    test,
                    "--",
                    "nothing_is_lost",
                ])
                .env("EPYCLOUD_SOAK_CLOUD_RUNS", options.cloud_runs.to_string()),
        )?;
    }
    python_worker(options)
}

fn python_worker(options: &Options) -> Result<(), Failure> {
    let Some(python) = oracle::set_up()?.filter(|python| oracle::is_embeddable(python)) else {
        say("soak: the python engine is skipped: there is no Python that can be embedded");
        return Ok(());
    };
    process::run(
        cargo()
            .args(["test", "-p", "epycloud-dispatcher", "--features", "python"])
            .args(["--test", "python", "--", "many_tasks"])
            .env("PYO3_PYTHON", &python)
            .env("EPYCLOUD_ORACLE_PYTHON", &python)
            .env("EPYCLOUD_SOAK_TASKS", options.tasks.to_string()),
    )
}
