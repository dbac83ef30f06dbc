//! Made-up calibrations for the tests of their outputs.
#![allow(dead_code, reason = "every test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use epycloud_engine::Array;
use epycloud_engine::calibration::abc::{Counts, End, Generation, Particle, Smc, Strategy};
use epycloud_engine::calibration::{
    CalibratedParameter, CalibrationResult, Observed, ProjectionResult,
};
use epycloud_engine::outputs::{BufferSink, CalibrationWriter, OutputSummary};
use epycloud_engine::schema::modelset::Distribution;
use epycloud_engine::schema::output::OutputConfig;
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Saturday of the last observed week.
pub(crate) const LAST_OBSERVED: Date = date(2024, 12, 14);
/// The Saturday after it.
pub(crate) const REFERENCE: Date = date(2024, 12, 21);

const N_OBSERVED: i64 = 6;
const N_PROJECTED: i64 = 12;
pub(crate) const GROUPS: [&str; 2] = ["0-4", "5+"];
pub(crate) const COMPARED: [&str; 2] = ["I_to_H_total", "I_to_D_0-4"];

/// Numbers that follow from a seed.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn up_to(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.up_to(1 << 32)).unwrap()) / f64::from(u32::MAX)
    }
}

fn weeks(first: Date, n: i64) -> Vec<String> {
    (0..n)
        .map(|week| first.checked_add((7 * week).days()).unwrap().to_string())
        .collect()
}

/// A calibration of a task with an epidemic that rises around the reference date.
pub(crate) fn result(task: u32, population: &str, n_trajectories: usize) -> CalibrationResult {
    result_by_age(task, population, n_trajectories, &GROUPS)
}

/// The same with age groups of one's own.
pub(crate) fn result_by_age(
    task: u32,
    population: &str,
    n_trajectories: usize,
    groups: &[&str],
) -> CalibrationResult {
    let mut numbers = Numbers::new(u64::from(task) + 1);
    let first = LAST_OBSERVED
        .checked_sub((7 * (N_OBSERVED - 1)).days())
        .unwrap();
    let observed: Vec<f64> = (0..N_OBSERVED)
        .map(|week| 40.0 + 25.0 * week as f64)
        .collect();
    let generations = vec![
        generation(&mut numbers, None, 8, &[]),
        generation(&mut numbers, Some(12.5), 5, &observed),
    ];
    CalibrationResult {
        primary_id: task,
        population: population.to_owned(),
        model_name: Some("made_up".to_owned()),
        seed: 42 + u64::from(task),
        delta_t: 0.2,
        strategy: Strategy::Smc(Smc {
            num_particles: 5,
            num_generations: 2,
            ..Smc::default()
        }),
        end: End::Complete,
        priors: vec![
            parameter("R0", "uniform", &[1.0, 2.0]),
            parameter("start_date", "randint", &[0.0, 30.0]),
        ],
        observed: Observed {
            column: "hospitalizations".to_owned(),
            simulation: COMPARED.map(str::to_owned).to_vec(),
            dates: weeks(first, N_OBSERVED),
            values: Array::from_f64(&[observed.len()], &observed),
        },
        generations,
        projection: Some(projection(&mut numbers, first, n_trajectories, groups)),
    }
}

fn parameter(name: &str, prior: &str, args: &[f64]) -> CalibratedParameter {
    CalibratedParameter {
        name: name.to_owned(),
        prior: Distribution {
            name: prior.to_owned(),
            args: args.to_vec(),
            kwargs: Vec::new(),
        },
    }
}

fn generation(
    numbers: &mut Numbers,
    epsilon: Option<f64>,
    n_particles: u32,
    observed: &[f64],
) -> Generation {
    let weights: Vec<f64> = (0..n_particles).map(|_| 1.0 + numbers.unit()).collect();
    let total: f64 = weights.iter().sum();
    let particles = weights.iter().zip(0..).map(|(weight, proposal)| Particle {
        parameters: vec![1.0 + 2.0 * numbers.unit(), numbers.up_to(30) as f64],
        weight: weight / total,
        distance: 10.0 * numbers.unit(),
        proposal,
        data: observed
            .iter()
            .map(|value| (value + 40.0 * (numbers.unit() - 0.5)).round())
            .collect(),
    });
    Generation {
        epsilon,
        particles: particles.collect(),
        counts: Counts {
            proposals: 40,
            outside_prior: 3,
            simulations: 37,
            given_up: 0,
            failed: 1,
        },
    }
}

fn projection(numbers: &mut Numbers, first: Date, n: usize, groups: &[&str]) -> ProjectionResult {
    let (n_dates, n_groups) = (usize::try_from(N_PROJECTED).unwrap(), groups.len());
    let (mut compartments, mut transitions) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let growth = 0.8 + 0.5 * numbers.unit();
        let mut level = 40.0;
        for _ in 0..n_dates {
            level *= growth;
            for _ in 0..3 * n_groups {
                compartments.push(1000 + i64::try_from(numbers.up_to(50)).unwrap());
            }
            for _ in 0..2 * n_groups {
                #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
                let count = (level * (0.5 + numbers.unit())) as i64;
                transitions.push(count);
            }
        }
    }
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let particles: Vec<u32> = (0..n)
        .map(|_| u32::try_from(numbers.up_to(5)).unwrap())
        .collect();
    ProjectionResult {
        generation: 1,
        dates: weeks(first, N_PROJECTED),
        groups: names(groups),
        compartments: names(&["I", "H", "D"]),
        transitions: names(&["I_to_H", "I_to_D"]),
        compartment_counts: Array::from_i64(&[n, n_dates, 3, n_groups], &compartments),
        transition_counts: Array::from_i64(&[n, n_dates, 2, n_groups], &transitions),
        comparisons: vec![(
            "hospitalizations".to_owned(),
            COMPARED.map(str::to_owned).to_vec(),
        )],
        particles: Array::from_u32(&[n], &particles),
        failures: Vec::new(),
    }
}

/// Writes the results to memory.
pub(crate) fn write(
    config: &OutputConfig,
    results: &[CalibrationResult],
) -> (BufferSink, OutputSummary) {
    write_with(CalibrationWriter::new(config), results)
}

/// Writes the results to memory with a writer.
pub(crate) fn write_with(
    mut writer: CalibrationWriter,
    results: &[CalibrationResult],
) -> (BufferSink, OutputSummary) {
    let mut sink = BufferSink::default();
    for result in results {
        writer.push(result, &mut sink).unwrap();
    }
    let summary = writer.finish(&mut sink).unwrap();
    (sink, summary)
}
