//! Random models give the same integers, probabilities and final stream as PyPI's epydemix.

mod common;

use common::models::{Simulated, epydemix, integers, simulate};
use common::{cases, digest, digest_of_doubles, hex, oracle, record};
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

fn compare(numba: bool) {
    let Some(python) = oracle::python() else {
        return;
    };
    let models: Vec<Case> = (0..cases(400).into()).map(random).chain([flu()]).collect();
    let Some((header, answers)) = epydemix(&python, numba, &models) else {
        return;
    };
    assert_eq!(answers.len(), models.len());
    let mut failures = 0;
    for (case, answer) in models.iter().zip(&answers) {
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
        "{} models with epydemix {}, numpy {}, numba {numba}; {failures} differ, epydemix refuses \
         {refused}",
        models.len(),
        header["epydemix"],
        header["numpy"],
    );
    assert_eq!(failures, 0);
    assert!(
        refused < models.len() / 4,
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
    let refused = ours.is_refused();
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
    let recorded = record::lines(RECORD);
    let models = recorded_models();
    assert_eq!(recorded.len(), models.len());
    for (case, recorded) in models.iter().zip(&recorded) {
        let ours = simulate(case);
        let counts = (!ours.is_refused())
            .then_some((&ours.trajectory.compartments, &ours.trajectory.transitions));
        let line = record_line(
            case,
            counts.map(|(compartments, transitions)| (&**compartments, &**transitions)),
            digest_of_doubles(&ours.probabilities),
            &ours.state.state.to_string(),
        );
        assert_eq!(&line, recorded);
    }
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
        .map(|(case, answer)| {
            let counts = answer["error"].is_null().then(|| {
                (
                    integers(&answer["compartments"]),
                    integers(&answer["transitions"]),
                )
            });
            let probabilities = answer["probabilities"]
                .as_str()
                .expect("they are hexadecimal");
            record_line(
                case,
                counts
                    .as_ref()
                    .map(|(compartments, transitions)| (&**compartments, &**transitions)),
                digest(unhex(probabilities)),
                answer["state"].as_str().expect("the state is text"),
            )
        })
        .collect();
    let heading = format!(
        "model, digest of its JSON, of compartments, transitions and probabilities, state; \
         epydemix {}, numpy {}",
        header["epydemix"], header["numpy"]
    );
    record::check_or_replace(RECORD, &heading, &lines);
}

fn record_line(
    case: &Case,
    counts: Option<(&[f64], &[f64])>,
    probabilities: u64,
    state: &str,
) -> String {
    let counts = counts.map_or("refused".to_owned(), |(compartments, transitions)| {
        format!(
            "{:016x} {:016x}",
            digest_of_doubles(compartments),
            digest_of_doubles(transitions)
        )
    });
    let model = digest(case.to_json().into_bytes());
    format!(
        "{} {model:016x} {counts} {probabilities:016x} {state}",
        case.name
    )
}

fn unhex(text: &str) -> impl Iterator<Item = u8> {
    text.as_bytes().chunks(2).map(|digits| {
        let digits = std::str::from_utf8(digits).expect("hexadecimal is ASCII");
        u8::from_str_radix(digits, 16).expect("the oracle writes hexadecimal")
    })
}
