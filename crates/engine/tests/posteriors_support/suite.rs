//! What `tests/python/record_posteriors.py` has recorded of suite 0.1.0 on epydemix 1.5.0.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{LEVELS, Numbers};

/// One calibration of one task.
#[derive(Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) task: usize,
    pub(crate) particles: u32,
    pub(crate) generations: u32,
    pub(crate) trajectories: u32,
    posterior: BTreeMap<String, Marginal>,
    /// Quantiles by date, the last one first.
    projection: BTreeMap<String, Vec<[f64; LEVELS.len()]>>,
}

#[derive(Debug, Deserialize)]
struct Marginal {
    mean: f64,
    variance: f64,
    quantiles: [f64; LEVELS.len()],
}

/// All calibrations.
pub(crate) fn recorded() -> Vec<Recorded> {
    let lines = include_str!("../recorded/flu_posteriors.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

impl Recorded {
    pub(crate) fn numbers(&self) -> Numbers {
        let mut numbers = Numbers::new();
        for (name, marginal) in &self.posterior {
            numbers.insert(format!("{name} mean"), marginal.mean);
            numbers.insert(format!("{name} variance"), marginal.variance);
            for (level, value) in LEVELS.iter().zip(marginal.quantiles) {
                numbers.insert(format!("{name} {level}"), value);
            }
        }
        for (name, dates) in &self.projection {
            for (place, quantiles) in dates.iter().enumerate() {
                for (level, &value) in LEVELS.iter().zip(quantiles) {
                    numbers.insert(format!("{name}[-{place}] {level}"), value);
                }
            }
        }
        numbers
    }
}
