//! `cargo xtask test`: everything that has to pass.

use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::failure::Failure;
use crate::oracle;
use crate::process::{self, cargo, say};

#[derive(Args)]
pub(crate) struct Options {
    /// Leaves out the comparisons with Python.
    #[arg(long)]
    no_oracle: bool,
    /// Arguments for `cargo test` (such as `-p epycloud-kernel`).
    #[arg(last = true)]
    cargo: Vec<String>,
}

/// Sets up the oracle and runs the tests of the workspace and of its documentation.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let python = if options.no_oracle {
        None
    } else {
        oracle::set_up()?
    };
    let mut tests = cargo();
    tests.args(["test", "--workspace"]);
    match &python {
        Some(python) => {
            tests.env("EPYCLOUD_ORACLE_PYTHON", python);
            embed(&mut tests, python);
        }
        None => say("test: without the oracle; each comparison says that it is skipped"),
    }
    tests.args(&options.cargo);
    run_tests(&mut tests)
}

/// Turns the python engine on where that Python can be embedded: it needs its shared library, and
/// what programs are linked with.
pub(crate) fn embed(tests: &mut Command, python: &Path) {
    if oracle::is_embeddable(python) {
        tests
            .args([
                "--features",
                "epycloud-dispatcher/python,epycloud-cli/python",
            ])
            .env("PYO3_PYTHON", python);
    } else {
        say(&format!(
            "test: the python engine is skipped: the Python of {} has no shared library (install \
             its development package, or build it with --enable-shared)",
            python.display()
        ));
    }
}

fn run_tests(tests: &mut Command) -> Result<(), Failure> {
    // The tests read their environment from nothing but this process.
    for name in [
        "EXP_ID",
        "RUN_ID",
        "STAGE",
        "TASK_INDEX",
        "NUM_TASKS",
        "LOG_LEVEL",
    ] {
        tests.env_remove(name);
    }
    process::run(tests)
}
