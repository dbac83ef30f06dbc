//! What the tests of building and simulating share.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, which may"
)]

pub(crate) mod repository;

use std::path::{Path, PathBuf};

use epycloud_config::discover;
use epycloud_engine::schema::{Experiment, read_experiment};
use epycloud_engine::simulation::SimulationResult;

/// The shared `data` folder, or `None` (and a line that says so) where it isn't.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let data = std::env::var_os("EPYCLOUD_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    if data.is_dir() {
        return Some(data);
    }
    eprintln!("skipped: `{}` is not there", data.display());
    None
}

/// The Python that has epydemix, or `None` (and a line that says so).
pub(crate) fn oracle_python() -> Option<PathBuf> {
    let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: `EPYCLOUD_ORACLE_PYTHON` is not set");
    }
    python
}

/// Reads an experiment of a forecast repository.
pub(crate) fn read_from(repository: &Path, exp_id: &str) -> Experiment {
    let files = discover(repository, &exp_id.parse().unwrap(), None).unwrap();
    read_experiment(&files).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads an experiment of the shared forecast repository.
pub(crate) fn read_shared_experiment(data: &Path, exp_id: &str) -> Experiment {
    read_from(&data.join("forecast"), exp_id)
}

/// The counts of a result by column name, as tables have them.
pub(crate) struct Counts<'a> {
    result: &'a SimulationResult,
    compartments: Vec<i64>,
    transitions: Vec<i64>,
}

impl<'a> Counts<'a> {
    pub(crate) fn of(result: &'a SimulationResult) -> Self {
        Self {
            result,
            compartments: result.compartment_counts.to_i64().unwrap(),
            transitions: result.transition_counts.to_i64().unwrap(),
        }
    }

    /// The count in a column such as `S_to_L_5-17` or `I_total`.
    pub(crate) fn column(&self, name: &str, simulation: usize, date: usize) -> i64 {
        let (series, group) = name.rsplit_once('_').unwrap();
        let (names, counts) = if self.result.compartments.iter().any(|known| known == series) {
            (&self.result.compartments, &self.compartments)
        } else {
            (&self.result.transitions, &self.transitions)
        };
        let n_groups = self.result.groups.len();
        let at = names.iter().position(|known| known == series).unwrap();
        let row = (simulation * self.result.dates.len() + date) * names.len() + at;
        let row = &counts[row * n_groups..][..n_groups];
        match self.result.groups.iter().position(|known| known == group) {
            Some(group) => row[group],
            None => row.iter().sum(),
        }
    }
}
