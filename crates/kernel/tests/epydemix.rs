//! Random models give the same integers, probabilities and final stream as PyPI's epydemix.

#![allow(
    clippy::panic,
    clippy::print_stderr,
    reason = "clippy takes helpers of tests for no tests"
)]

mod common;

use common::models::{Outcome, epydemix, simulate};
use common::{cases, digest, digest_of_doubles, oracle, record};
use epycloud_test_support::models::{Case, flu, random};
use serde_json::Value;

const RECORD: &str = "models.txt";

#[test]
fn property_random_models_equal_epydemix_without_numba() {
    compare(false);
}

#[test]
fn property_random_models_equal_epydemix_with_numba() {
    compare(true);
}

/// So many at a time that their answers fit into memory.
const BATCH: usize = 1000;

fn compare(numba: bool) {
    let Some(python) = oracle::python() else {
        return;
    };
    let models: Vec<Case> = (0..cases(400).into()).map(random).chain([flu()]).collect();
    let mut n_different = 0;
    let mut n_refused = 0;
    for models in models.chunks(BATCH) {
        let Some((header, answers)) = epydemix(&python, numba, models) else {
            return;
        };
        for (case, theirs) in models.iter().zip(&answers) {
            let differences = differences(&simulate(case), theirs);
            if !differences.is_empty() {
                eprintln!("{}: {differences:?} differ", case.name);
                n_different += 1;
            }
        }
        n_refused += answers
            .iter()
            .filter(|answer| answer.counts.is_none())
            .count();
        eprintln!(
            "{} models with epydemix {}, numpy {}, numba {numba}",
            models.len(),
            version(&header, "epydemix"),
            version(&header, "numpy"),
        );
    }
    eprintln!(
        "{n_different} of {} models differ, epydemix refuses {n_refused}",
        models.len()
    );
    assert_eq!(n_different, 0);
    assert!(
        n_refused < models.len() / 4,
        "too many models are refused to show much"
    );
}

fn differences(ours: &Outcome, theirs: &Outcome) -> Vec<&'static str> {
    [
        ("counts", ours.counts == theirs.counts),
        (
            "probabilities",
            bits(&ours.probabilities) == bits(&theirs.probabilities),
        ),
        (
            "streams",
            ours.state == theirs.state && ours.increment == theirs.increment,
        ),
    ]
    .into_iter()
    .filter_map(|(what, is_equal)| (!is_equal).then_some(what))
    .collect()
}

/// So that zeros of different signs differ.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Models of the record: small, and of every kind.
fn recorded_models() -> Vec<Case> {
    (1_000_000..)
        .map(random)
        .filter(|case| case.n_groups() <= 20 && case.n_steps <= 20)
        .take(60)
        .chain([flu()])
        .collect()
}

#[test]
fn recorded_models_give_what_epydemix_gave() {
    let models = recorded_models();
    let ours: Vec<String> = models
        .iter()
        .map(|case| record_line(case, &simulate(case)))
        .collect();
    assert_eq!(ours, record::lines(RECORD));
}

#[test]
fn the_record_is_what_epydemix_gives() {
    let Some(python) = oracle::python() else {
        return;
    };
    let models = recorded_models();
    let Some((header, answers)) = epydemix(&python, false, &models) else {
        return;
    };
    let lines: Vec<String> = models
        .iter()
        .zip(&answers)
        .map(|(case, answer)| record_line(case, answer))
        .collect();
    let heading = format!(
        "model, digests of its JSON, of compartments, transitions and probabilities, state; \
         epydemix {}, numpy {}",
        version(&header, "epydemix"),
        version(&header, "numpy"),
    );
    record::check_or_replace(RECORD, &heading, &lines);
}

fn version<'a>(header: &'a Value, package: &str) -> &'a str {
    header[package].as_str().expect("a version is text")
}

fn record_line(case: &Case, outcome: &Outcome) -> String {
    let counts = outcome
        .counts
        .as_ref()
        .map_or("refused".to_owned(), |counts| {
            let compartments = digest_of_doubles(&counts.compartments);
            let transitions = digest_of_doubles(&counts.transitions);
            format!("{compartments:016x} {transitions:016x}")
        });
    let model = digest(case.to_json().into_bytes());
    let probabilities = digest_of_doubles(&outcome.probabilities);
    format!(
        "{} {model:016x} {counts} {probabilities:016x} {}",
        case.name, outcome.state
    )
}
