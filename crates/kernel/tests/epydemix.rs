//! Random models give the same integers, probabilities and final stream as PyPI's epydemix.

mod common;

use common::{Simulated, epydemix, has_our_c_library, hex, oracle, simulate};
use epycloud_kernel::SimulationError;
use epycloud_test_support::models::{Case, flu, random};
use serde_json::Value;

fn models() -> Vec<Case> {
    (0..common::cases(400).into())
        .map(random)
        .chain([flu()])
        .collect()
}

#[test]
fn property_random_models_equal_epydemix_without_numba() {
    compare(false);
}

#[test]
fn property_random_models_equal_epydemix_with_numba() {
    compare(true);
}

fn compare(numba: bool) {
    let Some(python) = oracle() else { return };
    let cases = models();
    let (header, answers) = epydemix(&python, &["--probabilities"], numba, &cases);
    if header["numba"] != numba {
        eprintln!("skipped: numba is not there");
        return;
    }
    if !has_our_c_library(&header) {
        return;
    }
    assert_eq!(answers.len(), cases.len());
    let mut failures = 0;
    for (case, answer) in cases.iter().zip(&answers) {
        let differences = differences(&simulate(case), answer);
        if !differences.is_empty() {
            eprintln!("{}: {differences:?} differ", case.name);
            failures += 1;
        }
    }
    let refused = answers
        .iter()
        .filter(|answer| !answer["error"].is_null())
        .count();
    eprintln!(
        "{} models with epydemix {}, numpy {}, numba {numba}; epydemix refuses {refused}",
        cases.len(),
        header["epydemix"],
        header["numpy"],
    );
    assert_eq!(failures, 0);
    assert!(
        refused < cases.len() / 4,
        "too many models are refused to show much"
    );
}

fn differences(ours: &Simulated, theirs: &Value) -> Vec<&'static str> {
    let mut differences = Vec::new();
    let mut check = |what, equal: bool| {
        if !equal {
            differences.push(what);
        }
    };
    let refused = matches!(ours.outcome, Err(SimulationError::Probabilities { .. }));
    check("outcomes", refused != theirs["error"].is_null());
    check("streams", theirs["state"] == ours.state.state.to_string());
    check(
        "sequences",
        theirs["increment"] == ours.state.increment.to_string(),
    );
    let bytes: Vec<u8> = ours
        .probabilities
        .iter()
        .flat_map(|p| p.to_le_bytes())
        .collect();
    check("probabilities", theirs["probabilities"] == hex(&bytes));
    if !refused {
        check(
            "compartments",
            integers(&theirs["compartments"]) == ours.trajectory.compartments,
        );
        check(
            "transitions",
            integers(&theirs["transitions"]) == ours.trajectory.transitions,
        );
    }
    differences
}

fn integers(values: &Value) -> Vec<f64> {
    let values = values.as_array().expect("counts are a list");
    values
        .iter()
        .map(|value| value.as_i64().expect("counts are integers") as f64)
        .collect()
}
