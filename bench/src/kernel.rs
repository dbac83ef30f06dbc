//! One simulation of the flu model, ours and epydemix's.

use std::process::Command;
use std::time::Instant;

use epycloud_kernel::random::Pcg64;
use epycloud_kernel::{Inputs, Plan, Scratch, Trajectory, run as simulate};
use epycloud_test_support::models::{Case, flu};
use serde::Deserialize;

use crate::failure::Failure;
use crate::program::{answer, oracle, root};
use crate::table::{Table, Target, median};

/// Rounds of all variants one after the other, so that a slow moment hits each of them.
const ROUNDS: usize = 5;
/// Simulations of ours a round.
const OURS: usize = 60;
/// Simulations of epydemix's a round.
const THEIRS: usize = 8;

/// Measures a simulation of the flu model (its docs state the values), all counts kept.
pub(crate) fn run() -> Result<Table, Failure> {
    let case = flu();
    let mut table = Table::new(format!(
        "kernel: one simulation of the flu model ({} compartments, {} transitions, {} groups, {} steps)",
        case.n_compartments,
        case.transitions.len(),
        case.n_groups(),
        case.n_steps
    ));
    table.note("medians of interleaved rounds, one thread, every count kept");
    let (mut ours, mut with_numba, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.extend(case.with_kernel(time));
        with_numba.extend(time_epydemix(&case, true)?.unwrap_or_default());
        without.extend(time_epydemix(&case, false)?.unwrap_or_default());
    }
    let kernel = median(ours);
    table.row("epycloud", kernel, "ms", Target::None);
    if with_numba.is_empty() {
        table.note("without EPYCLOUD_ORACLE_PYTHON there is nothing to compare with");
        return Ok(table);
    }
    let (with_numba, without) = (median(with_numba), median(without));
    table.row(
        "epydemix stochastic_simulation, numba",
        with_numba,
        "ms",
        Target::None,
    );
    table.row(
        "epydemix stochastic_simulation, plain",
        without,
        "ms",
        Target::None,
    );
    table.row(
        "ratio to numba",
        with_numba / kernel,
        "x",
        Target::AtLeast(60.0),
    );
    table.row(
        "ratio to plain",
        without / kernel,
        "x",
        Target::AtLeast(120.0),
    );
    Ok(table)
}

fn time(plan: &Plan, inputs: &Inputs<'_>) -> Vec<f64> {
    let mut scratch = Scratch::default();
    let mut counts = Trajectory::default();
    (0..OURS as u64)
        .map(|seed| {
            counts.clear();
            let mut stream = Pcg64::new(seed);
            let started = Instant::now();
            let done = simulate(plan, inputs, &mut stream, &mut scratch, &mut counts);
            let milliseconds = started.elapsed().as_secs_f64() * 1e3;
            debug_assert!(done.is_ok());
            std::hint::black_box(&counts);
            milliseconds
        })
        .collect()
}

#[derive(Deserialize)]
struct Timing {
    milliseconds: Vec<f64>,
}

/// Times of epydemix, or `None` without it.
fn time_epydemix(case: &Case, numba: bool) -> Result<Option<Vec<f64>>, Failure> {
    let Some(python) = oracle() else {
        return Ok(None);
    };
    let mut command = Command::new(python);
    command
        .arg(root().join("tests/oracle/epydemix_models.py"))
        .args(["--time", &THEIRS.to_string()])
        .env("EPYCLOUD_ORACLE_NUMBA", if numba { "1" } else { "0" })
        // These slow a current numpy down where the machine sets them.
        .env_remove("OPENBLAS_CORETYPE")
        .env_remove("OPENBLAS_L2_SIZE");
    let text = answer(&mut command, &format!("{}\n", case.to_json()))?;
    let last = text.lines().last().unwrap_or_default();
    let timing: Timing = serde_json::from_str(last).map_err(|error| Failure::Answer {
        program: "epydemix_models.py".into(),
        reason: format!("{error} in `{last}`"),
    })?;
    Ok(Some(timing.milliseconds))
}
