//! `cargo xtask bench`: builds the benchmarks with optimisation and runs them beside the oracle.

use clap::Args;

use crate::failure::Failure;
use crate::oracle;
use crate::process::{self, cargo, say};

#[derive(Args)]
pub(crate) struct Options {
    /// Benchmarks to run (all of them without a name): `kernel`, `output`, `start-up`.
    names: Vec<String>,
    /// Fails when a figure misses the target printed beside it.
    #[arg(long)]
    check: bool,
}

/// Runs the benchmarks of the `epycloud-bench` package in release mode.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let python = oracle::set_up()?;
    process::run(cargo().args([
        "build",
        "--release",
        "-p",
        "epycloud-dispatcher",
        "-p",
        "epycloud-cli",
    ]))?;
    let mut bench = cargo();
    bench
        .args(["run", "--release", "-p", "epycloud-bench", "--"])
        .args(&options.names);
    if options.check {
        bench.arg("--check");
    }
    match &python {
        Some(python) => {
            bench.env("EPYCLOUD_ORACLE_PYTHON", python);
        }
        None => say("bench: without the oracle there is nothing to compare the kernel with"),
    }
    process::run(&mut bench)
}
