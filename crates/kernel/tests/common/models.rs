//! Simulating a case with the kernel and with epydemix.

use std::ops::ControlFlow;
use std::path::Path;

use epycloud_kernel::random::Pcg64;
use epycloud_kernel::{Scratch, SimulationError, Sink, Trajectory, math, run};
use epycloud_test_support::models::Case;
use serde_json::Value;

use super::{hex, oracle};

/// What a simulation comes to.
pub(crate) struct Outcome {
    /// `None` where the rates gave no probabilities and numpy raises a `ValueError`.
    pub(crate) counts: Option<Trajectory>,
    /// Probabilities of every draw that was made, one a compartment.
    ///
    /// Those that were refused aren't here: where a hazard isn't a number, epydemix multiplies it
    /// with the zeros of compartments that are no destinations too.
    pub(crate) probabilities: Vec<f64>,
    /// Final state of the stream.
    pub(crate) state: String,
    pub(crate) increment: String,
}

#[derive(Default)]
struct Recorder {
    trajectory: Trajectory,
    probabilities: Vec<f64>,
    n_compartments: usize,
}

impl Sink for Recorder {
    fn step(&mut self, t: usize, compartments: &[f64], transitions: &[f64]) -> ControlFlow<()> {
        self.trajectory.step(t, compartments, transitions)
    }

    fn probabilities(&mut self, _t: usize, _group: usize, compartments: &[usize], p: &[f64]) {
        let first = self.probabilities.len();
        self.probabilities.resize(first + self.n_compartments, 0.0);
        for (&compartment, &p) in compartments.iter().zip(p) {
            self.probabilities[first + compartment] = p;
        }
    }
}

/// The kernel's outcome.
pub(crate) fn simulate(case: &Case) -> Outcome {
    let mut rng = Pcg64::new(case.seed);
    let mut recorder = Recorder {
        n_compartments: case.n_compartments,
        ..Recorder::default()
    };
    let result = case.with_kernel(|plan, inputs| {
        run(
            plan,
            inputs,
            &mut rng,
            &mut Scratch::default(),
            &mut recorder,
        )
    });
    let is_refused = match result {
        Ok(()) => false,
        Err(SimulationError::Probabilities { .. }) => true,
        Err(error) => panic!("{} doesn't fit its plan: {error}", case.name),
    };
    let Recorder {
        trajectory,
        mut probabilities,
        ..
    } = recorder;
    if is_refused {
        probabilities.truncate(probabilities.len() - case.n_compartments);
    }
    let state = rng.state();
    Outcome {
        counts: (!is_refused).then_some(trajectory),
        probabilities,
        state: state.state.to_string(),
        increment: state.increment.to_string(),
    }
}

/// epydemix's outcome, from what the oracle answers.
pub(crate) fn answered(case: &Case, answer: &Value) -> Outcome {
    let text = |field: &str| answer[field].as_str().expect("the field is text");
    let is_refused = !answer["error"].is_null();
    let (digits, _) = text("probabilities").as_bytes().as_chunks::<16>();
    let mut probabilities: Vec<f64> = digits.iter().map(double).collect();
    if is_refused {
        probabilities.truncate(probabilities.len() - case.n_compartments);
    }
    Outcome {
        counts: (!is_refused).then(|| Trajectory {
            compartments: integers(&answer["compartments"]),
            transitions: integers(&answer["transitions"]),
        }),
        probabilities,
        state: text("state").to_owned(),
        increment: text("increment").to_owned(),
    }
}

/// A little-endian double in hexadecimal.
fn double(digits: &[u8; 16]) -> f64 {
    let digits = std::str::from_utf8(digits).expect("hexadecimal is ASCII");
    let bits = u64::from_str_radix(digits, 16).expect("the oracle writes hexadecimal");
    f64::from_bits(bits.swap_bytes())
}

/// A list of integers as the kernel has them.
fn integers(values: &Value) -> Vec<f64> {
    let values = values.as_array().expect("counts are a list");
    let integer = |value: &Value| value.as_i64().expect("counts are integers") as f64;
    values.iter().map(integer).collect()
}

/// Simulates cases with epydemix: who answered, and an answer a case; or `None` with a line that
/// says why a comparison would show nothing.
pub(crate) fn epydemix(
    python: &Path,
    numba: bool,
    cases: &[Case],
) -> Option<(Value, Vec<Outcome>)> {
    let environment = [("EPYCLOUD_ORACLE_NUMBA", if numba { "1" } else { "0" })];
    let arguments = ["epydemix_models.py", "--probabilities"];
    let lines = cases.iter().map(Case::to_json);
    let mut answers = oracle::ask(python, &arguments, &environment, lines).into_iter();
    let header = answers.next().expect("the oracle says who it is");
    if header["numba"] != numba {
        eprintln!("skipped: the oracle has no numba");
        return None;
    }
    if header["c_library"] != c_library() {
        eprintln!("skipped: the C library here gives other results than the kernel's mode");
        return None;
    }
    assert_eq!(answers.len(), cases.len());
    let outcomes = cases
        .iter()
        .zip(answers)
        .map(|(case, answer)| answered(case, &answer));
    Some((header, outcomes.collect()))
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
