//! `cargo xtask bench`: builds the benchmarks with optimisation and runs them beside the oracle.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::failure::Failure;
use crate::process::{self, cargo, say};
use crate::{oracle, workspace};

/// The benchmarks that run the programs as they are without Python.
const NATIVE: [&str; 10] = [
    "kernel",
    "start-up",
    "output",
    "tasks",
    "report",
    "calibration",
    "sampling",
    "cli",
    "experiments",
    "storage",
];
/// The one that needs programs with Python in them.
const PYTHON: &str = "python";

#[derive(Args)]
pub(crate) struct Options {
    /// Benchmarks to run (all of them without a name): `kernel`, `output`, `start-up`, `tasks`, `report`,
    /// `calibration`, `sampling`, `cli`, `experiments`, `storage`, `python`.
    names: Vec<String>,
    /// Fails when a figure misses the target printed beside it.
    #[arg(long)]
    check: bool,
    /// The folder of the original pipeline's `main_runner.py`, which `python` compares with.
    #[arg(long)]
    original: Option<PathBuf>,
}

impl Options {
    fn asks(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|asked| asked == name)
    }
}

/// Runs the benchmarks of the `epycloud-bench` package in release mode.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let unknown = |name: &&String| !NATIVE.contains(&name.as_str()) && *name != PYTHON;
    if let Some(name) = options.names.iter().find(unknown) {
        return Err(Failure::Unknown {
            name: name.clone(),
            known: format!("{}`, `{PYTHON}", NATIVE.join("`, `")),
        });
    }
    let python = oracle::set_up()?;
    let native: Vec<&str> = NATIVE
        .into_iter()
        .filter(|name| options.asks(name))
        .collect();
    if !native.is_empty() {
        build(None)?;
        if python.is_none() {
            say("bench: without the oracle there is nothing to compare the kernel with");
        }
        let shared = workspace::shared_data();
        measure(options, &native, python.as_deref(), |bench| {
            bench.env("BENCH_SHARED_DATA", shared);
        })?;
    }
    if options.asks(PYTHON) {
        python_engine(options, python)?;
    }
    Ok(())
}

/// With the real suite where `EPYCLOUD_SUITE_PYTHON` says that there is one, else with the tests'
/// small one.
fn python_engine(options: &Options, python: Option<PathBuf>) -> Result<(), Failure> {
    let suite = std::env::var_os("EPYCLOUD_SUITE_PYTHON").map(PathBuf::from);
    let shared = suite.is_some().then(workspace::shared_data);
    let Some(python) = suite.or(python).filter(|path| oracle::is_embeddable(path)) else {
        say("bench: the python engine is skipped: there is no Python that can be embedded");
        return Ok(());
    };
    build(Some(&python))?;
    measure(options, &[PYTHON], Some(&python), |bench| {
        if let Some(shared) = shared {
            bench.env("BENCH_SHARED_DATA", shared);
        }
        if let Some(original) = &options.original {
            bench.env("BENCH_ORIGINAL_SCRIPTS", original);
        }
    })
}

/// The programs, with a Python in them if there is one.
fn build(python: Option<&Path>) -> Result<(), Failure> {
    let mut build = cargo();
    build.args(["build", "--release"]);
    build.args(["-p", "epycloud-dispatcher", "-p", "epycloud-cli"]);
    if let Some(python) = python {
        build
            .args([
                "--features",
                "epycloud-dispatcher/python,epycloud-cli/python",
            ])
            .env("PYO3_PYTHON", python);
    }
    process::run(&mut build)
}

fn measure(
    options: &Options,
    names: &[&str],
    python: Option<&Path>,
    set: impl FnOnce(&mut Command),
) -> Result<(), Failure> {
    let mut bench = cargo();
    bench
        .args(["run", "--release", "-p", "epycloud-bench", "--"])
        .args(names);
    if options.check {
        bench.arg("--check");
    }
    if let Some(python) = python {
        bench.env("EPYCLOUD_ORACLE_PYTHON", python);
    }
    set(&mut bench);
    process::run(&mut bench)
}
