//! Simulating a case with the kernel and with epydemix.

use std::path::Path;

use epycloud_kernel::random::{Pcg64, Pcg64State};
use epycloud_kernel::{Scratch, SimulationError, Sink, Trajectory, math, run};
use epycloud_test_support::models::Case;
use serde_json::Value;

use super::{hex, oracle};

/// One simulation by the kernel.
pub(crate) struct Simulated {
    pub(crate) outcome: Result<(), SimulationError>,
    pub(crate) trajectory: Trajectory,
    /// Probabilities of every draw, one a compartment.
    pub(crate) probabilities: Vec<f64>,
    pub(crate) state: Pcg64State,
}

impl Simulated {
    /// Whether the rates gave no probabilities, where numpy raises a `ValueError`.
    pub(crate) fn is_refused(&self) -> bool {
        match &self.outcome {
            Ok(()) => false,
            Err(SimulationError::Probabilities { .. }) => true,
            Err(error) => panic!("a case doesn't fit its plan: {error}"),
        }
    }
}

#[derive(Default)]
struct Recorder {
    trajectory: Trajectory,
    probabilities: Vec<f64>,
    n_compartments: usize,
}

impl Sink for Recorder {
    fn step(&mut self, t: usize, compartments: &[f64], transitions: &[f64]) {
        self.trajectory.step(t, compartments, transitions);
    }

    fn probabilities(&mut self, _t: usize, _group: usize, compartments: &[usize], p: &[f64]) {
        let first = self.probabilities.len();
        self.probabilities.resize(first + self.n_compartments, 0.0);
        for (&compartment, &p) in compartments.iter().zip(p) {
            // There are many bit patterns of NaN; one is enough.
            self.probabilities[first + compartment] = if p.is_nan() { f64::NAN } else { p };
        }
    }
}

pub(crate) fn simulate(case: &Case) -> Simulated {
    let mut rng = Pcg64::new(case.seed);
    let mut recorder = Recorder {
        n_compartments: case.n_compartments,
        ..Recorder::default()
    };
    let outcome = case.with_kernel(|plan, inputs| {
        run(
            plan,
            inputs,
            &mut rng,
            &mut Scratch::default(),
            &mut recorder,
        )
    });
    Simulated {
        outcome,
        trajectory: recorder.trajectory,
        probabilities: recorder.probabilities,
        state: rng.state(),
    }
}

/// Simulates cases with epydemix: who answered, and an answer a case; or `None` with a line that
/// says why a comparison would show nothing.
pub(crate) fn epydemix(python: &Path, numba: bool, cases: &[Case]) -> Option<(Value, Vec<Value>)> {
    let environment = [("EPYCLOUD_ORACLE_NUMBA", if numba { "1" } else { "0" })];
    let arguments = ["epydemix_models.py", "--probabilities"];
    let mut answers = oracle::ask(
        python,
        &arguments,
        &environment,
        cases.iter().map(Case::to_json),
    )
    .into_iter();
    let header = answers.next().expect("the oracle says who it is");
    if header["numba"] != numba {
        eprintln!("skipped: the oracle has no numba");
        return None;
    }
    if header["c_library"] != c_library() {
        eprintln!("skipped: the C library here gives other results than the kernel's mode");
        return None;
    }
    Some((header, answers.collect()))
}

/// What the script says of its C library, as the kernel has it.
fn c_library() -> String {
    let functions: [fn(f64) -> f64; 4] = [
        |x| math::expm1(-x),
        |x| math::exp(-x),
        math::log,
        math::log1p,
    ];
    functions
        .iter()
        .flat_map(|function| (1..=2000).map(move |i| function(f64::from(i) / 257.0)))
        .map(|result| hex(&result.to_le_bytes()))
        .collect()
}

/// A list of integers as the kernel has them.
pub(crate) fn integers(values: &Value) -> Vec<f64> {
    let values = values.as_array().expect("counts are a list");
    values
        .iter()
        .map(|value| value.as_i64().expect("counts are integers") as f64)
        .collect()
}
