//! What the python engine adds to the suite's own time, and how fast it stores results.
//!
//! The measuring is done by scripts in `tests/python`, because the other side is Python.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::failure::Failure;
use crate::program::{answer, oracle, ours, root};
use crate::table::{Table, Target};

/// Set by `cargo xtask bench`: the folder of experiments for the environment's own suite; without
/// it, the tests' small suite runs.
const SHARED: &str = "BENCH_SHARED_DATA";
/// Set by `cargo xtask bench --original`.
const ORIGINAL: &str = "BENCH_ORIGINAL_SCRIPTS";

/// A line of a script's output.
#[derive(Deserialize)]
struct Figure {
    what: String,
    figure: f64,
    unit: String,
    at_most: Option<f64>,
    at_least: Option<f64>,
}

impl Figure {
    fn target(&self) -> Target {
        match (self.at_most, self.at_least) {
            (Some(limit), _) => Target::AtMost(limit),
            (None, Some(limit)) => Target::AtLeast(limit),
            (None, None) => Target::None,
        }
    }
}

/// Runs the scripts that measure.
pub(crate) fn run() -> Result<Table, Failure> {
    let mut table = Table::new("python: stage B with epymodelingsuite in-process");
    let Some(python) = oracle() else {
        table.note("skipped: EPYCLOUD_ORACLE_PYTHON is not set");
        return Ok(table);
    };
    let shared = std::env::var_os(SHARED).map(PathBuf::from);
    table.note(match shared {
        Some(_) => "one trajectory of ten days of basic-standalone, with the real suite",
        None => "one trajectory of ten days, with the tests' small suite",
    });
    let original = std::env::var_os(ORIGINAL).map(PathBuf::from);
    if original.is_none() {
        table.note("the original's side is skipped: --original doesn't say where it is");
    }
    let dispatcher = ours("epycloud-dispatcher")?;
    let of_original = original.map(|folder| ("--original", folder));
    let all: Vec<_> = shared
        .map(|folder| ("--shared", folder))
        .into_iter()
        .chain(of_original.clone())
        .collect();
    measure(&mut table, &python, "overhead.py", &dispatcher, &all)?;
    measure(&mut table, &python, "growth.py", &dispatcher, &all)?;
    measure(&mut table, &python, "saving.py", &dispatcher, &[])?;
    if let Some(original) = of_original {
        let epycloud = ours("epycloud")?;
        measure(&mut table, &python, "pool_speed.py", &epycloud, &[original])?;
    }
    Ok(table)
}

/// Runs a script with one of the programs, and takes its figures.
fn measure(
    table: &mut Table,
    python: &Path,
    script: &str,
    program: &Path,
    options: &[(&str, PathBuf)],
) -> Result<(), Failure> {
    let mut command = Command::new(python);
    command
        .arg(root().join("tests/python").join(script))
        .arg(program);
    for (option, folder) in options {
        command.arg(option).arg(folder);
    }
    for line in answer(&mut command, "")?.lines() {
        let figure: Figure = serde_json::from_str(line).map_err(|error| Failure::Answer {
            program: script.to_owned(),
            reason: format!("`{line}`: {error}"),
        })?;
        let target = figure.target();
        table.row(figure.what, figure.figure, figure.unit, target);
    }
    Ok(())
}
