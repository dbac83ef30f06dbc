//! Parameter sets equal those of `epymodelingsuite`, to the last bit.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests are tests too"
)]

mod python;

use epycloud_engine::sampling::{ParameterSet, generate};
use epycloud_engine::schema::modelset::sampling::{
    CompartmentRange, GridParameter, LatinHypercube, Sampling, Variable,
};
use epycloud_kernel::random::Pcg64;
use jiff::civil::{Date, date};
use python::{ask, suite};
use serde_json::{Map, Value, json};

/// The section of the suite's tutorial: five values of `eps` with 100 points of `I`, `beta` and the
/// start date.
fn tutorial() -> Sampling {
    Sampling {
        grid: vec![GridParameter {
            name: "eps".to_owned(),
            values: vec![0.1, 0.2, 0.3, 0.4, 0.5],
        }],
        latin_hypercube: Some(LatinHypercube {
            n_samples: 100,
            compartments: vec![range("I", 0.0, 0.1)],
            variables: vec![
                Variable::Uniform {
                    name: "beta".to_owned(),
                    low: 0.0,
                    high: 0.3,
                },
                Variable::StartDate {
                    reference_date: date(2024, 10, 1),
                    low: 0.0,
                    high: 30.0,
                },
            ],
        }),
    }
}

fn range(name: &str, min: f64, max: f64) -> CompartmentRange {
    CompartmentRange {
        compartment: name.to_owned(),
        min,
        max,
    }
}

#[test]
fn the_tutorials_sets_equal_the_suites() {
    let sets = generate(&tutorial(), 42).unwrap();
    assert_eq!(sets.len(), 500);
    for (task, eps, i, beta, start_date) in RECORDED {
        let expected = ParameterSet {
            parameters: vec![("eps".to_owned(), eps), ("beta".to_owned(), beta)],
            compartments: vec![("I".to_owned(), i)],
            start_date: Some(start_date),
        };
        assert_eq!(sets[task], expected, "set {task}");
    }
}

/// Set number, `eps`, `I`, `beta` and start date; recorded from `epymodelingsuite` 0.1.0 with
/// scipy 1.17.1 and numpy 2.4.6.
const RECORDED: [(usize, f64, f64, f64, Date); 6] = [
    (
        0,
        0.1,
        0.04822604395144403,
        0.24468336468074384,
        date(2024, 10, 18),
    ),
    (
        1,
        0.1,
        0.07130263197094064,
        0.11971746795633705,
        date(2024, 10, 6),
    ),
    (
        99,
        0.1,
        0.0871979741197264,
        0.084661567377686,
        date(2024, 10, 30),
    ),
    (
        100,
        0.2,
        0.04822604395144403,
        0.24468336468074384,
        date(2024, 10, 18),
    ),
    (
        257,
        0.3,
        0.004484942870768285,
        0.0022321047282971916,
        date(2024, 10, 25),
    ),
    (
        499,
        0.5,
        0.0871979741197264,
        0.084661567377686,
        date(2024, 10, 30),
    ),
];

#[test]
fn random_sections_give_the_suites_sets_bit_for_bit() {
    let Some(python) = suite() else { return };
    let mut rng = Pcg64::new(8);
    let mut cases = vec![(42, tutorial())];
    cases.extend((0..120).map(|_| (rng.bounded(1 << 40), invented(&mut rng))));
    let questions: Vec<Value> = cases
        .iter()
        .map(|(seed, sampling)| json!({"seed": seed, "sampling": as_yaml(sampling)}))
        .collect();
    let (mut n_sets, mut n_refused) = (0, 0);
    for ((seed, sampling), answer) in
        cases
            .iter()
            .zip(ask(&python, "suite_sampling.py", &questions))
    {
        match (generate(sampling, *seed), &answer) {
            (Ok(sets), Value::Array(_)) => {
                n_sets += sets.len();
                assert_eq!(
                    Value::from_iter(sets.iter().map(shown)),
                    answer,
                    "{sampling:?}"
                );
            }
            (Err(_), Value::Object(_)) => n_refused += 1,
            (ours, theirs) => panic!("{sampling:?}: {ours:?} against {theirs}"),
        }
    }
    eprintln!(
        "{} sections, {n_sets} sets equal, both refuse {n_refused}",
        cases.len()
    );
    assert!(n_refused < cases.len() / 10);
}

/// A random section; the compartments' ranges are often too wide to fit into the population.
fn invented(rng: &mut Pcg64) -> Sampling {
    let grid = (0..rng.bounded(3))
        .map(|i| GridParameter {
            name: format!("g{i}"),
            values: (0..=rng.bounded(3)).map(|_| rng.next_double()).collect(),
        })
        .collect::<Vec<_>>();
    let compartments: Vec<CompartmentRange> = (0..rng.bounded(11))
        .map(|i| {
            let min = if rng.bounded(2) == 0 {
                0.0
            } else {
                0.12 * rng.next_double()
            };
            range(&format!("C{i}"), min, min + 0.01 + 0.8 * rng.next_double())
        })
        .collect();
    let mut variables: Vec<Variable> = (0..rng.bounded(4))
        .map(|i| {
            let low = 10.0 * rng.next_double() - 5.0;
            let name = format!("p{i}");
            if rng.bounded(2) == 0 {
                Variable::Uniform {
                    name,
                    low,
                    high: low + 3.0 * rng.next_double(),
                }
            } else {
                let low = low.floor();
                Variable::Integers {
                    name,
                    low,
                    high: low + 1.0 + rng.bounded(40) as f64,
                }
            }
        })
        .collect();
    if rng.bounded(2) == 0 || compartments.is_empty() && variables.is_empty() {
        let low = rng.bounded(20) as f64 - 10.0;
        let at = rng.bounded(variables.len() as u64) as usize;
        let reference_date = date(2024, 2, 25);
        variables.insert(
            at,
            Variable::StartDate {
                reference_date,
                low,
                high: low + 33.0,
            },
        );
    }
    let n_samples = 1 + rng.bounded(40) as u32;
    let is_grid_only = !grid.is_empty() && rng.bounded(6) == 0;
    let hypercube = LatinHypercube {
        n_samples,
        compartments,
        variables,
    };
    Sampling {
        grid,
        latin_hypercube: (!is_grid_only).then_some(hypercube),
    }
}

/// The section as a user writes it.
fn as_yaml(sampling: &Sampling) -> Value {
    let mut samplers = Vec::new();
    let (mut parameters, mut compartments) = (Map::new(), Map::new());
    let mut start_date = Value::Null;
    let names = |names: Vec<&String>| json!(names);
    if !sampling.grid.is_empty() {
        let names = names(
            sampling
                .grid
                .iter()
                .map(|parameter| &parameter.name)
                .collect(),
        );
        samplers.push(json!({"strategy": "grid", "parameters": names}));
    }
    for parameter in &sampling.grid {
        parameters.insert(parameter.name.clone(), json!({"values": parameter.values}));
    }
    if let Some(hypercube) = &sampling.latin_hypercube {
        let mut sampled = Vec::new();
        let mut distribution = |name: &str, kind: &str, low: f64, high: f64| {
            sampled.push(name.to_owned());
            json!({"type": "scipy", "name": kind, "args": [low, high]})
        };
        for variable in &hypercube.variables {
            match variable {
                Variable::Uniform { name, low, high } => {
                    let uniform = distribution(name, "uniform", *low, *high);
                    parameters.insert(name.clone(), json!({"distribution": uniform}));
                }
                Variable::Integers { name, low, high } => {
                    let randint = distribution(name, "randint", *low, *high);
                    parameters.insert(name.clone(), json!({"distribution": randint}));
                }
                Variable::StartDate {
                    reference_date,
                    low,
                    high,
                } => {
                    let randint = distribution("start_date", "randint", *low, *high);
                    start_date = json!({
                        "reference_date": reference_date.to_string(),
                        "distribution": randint,
                    });
                }
            }
        }
        for range in &hypercube.compartments {
            let bounds = json!({"min": range.min, "max": range.max});
            compartments.insert(range.compartment.clone(), bounds);
        }
        samplers.push(json!({
            "strategy": "LHS",
            "n_samples": hypercube.n_samples,
            "compartments":
                names(hypercube.compartments.iter().map(|range| &range.compartment).collect()),
            "parameters": sampled,
        }));
    }
    json!({
        "samplers": samplers,
        "parameters": parameters,
        "compartments": compartments,
        "start_date": start_date,
    })
}

fn shown(set: &ParameterSet) -> Value {
    let numbers = |numbers: &[(String, f64)]| {
        Value::from_iter(
            numbers
                .iter()
                .map(|(name, value)| json!([name, float_hex(*value)])),
        )
    };
    json!({
        "parameters": numbers(&set.parameters),
        "compartments": numbers(&set.compartments),
        "start_date": set.start_date.map(|date| date.to_string()),
    })
}

/// Python's `float.hex()`.
fn float_hex(value: f64) -> String {
    let bits = value.to_bits();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let mantissa = bits & ((1 << 52) - 1);
    match (bits >> 52) & 0x7ff {
        0 if mantissa == 0 => format!("{sign}0x0.0p+0"),
        0 => format!("{sign}0x0.{mantissa:013x}p-1022"),
        exponent => format!("{sign}0x1.{mantissa:013x}p{:+}", exponent as i64 - 1023),
    }
}
