//! The same calibration by the native engine.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use epycloud_config::SuiteBehaviour;
use epycloud_engine::DataSources;
use epycloud_engine::calibration::abc::{Generation, Progress, Smc, State, Strategy};
use epycloud_engine::calibration::{
    CalibrationOptions, CalibrationTask, ProjectionResult, build_calibration, run_calibration,
};

use super::suite::Recorded;
use super::{LEVELS, Numbers};
use crate::simulation_support::read_shared_experiment;

/// Rows between the dates that are compared, and how many there are, from the last one back.
const EVERY: usize = 6;
const DATES: usize = 5;

/// How much a calibration does.
pub(crate) struct Effort {
    particles: u32,
    generations: u32,
    trajectories: u32,
}

impl Effort {
    /// As much as the suite did.
    pub(crate) fn of(recorded: &Recorded) -> Self {
        Self {
            particles: recorded.particles,
            generations: recorded.generations,
            trajectories: recorded.trajectories,
        }
    }
}

/// A task of the experiment, built as suite 0.1.0 builds it.
pub(crate) fn task(data: &Path, index: usize) -> CalibrationTask {
    let sources = DataSources {
        population_data: Some(data.join("epydemix-data")),
        data_tables: Some(data.join("suite-tables")),
        suite_behaviour: SuiteBehaviour::V0_1_0,
        ..DataSources::of_repository(data.join("forecast"))
    };
    let experiment = read_shared_experiment(data, "flu-calibration");
    let mut build = build_calibration(&experiment, &sources).unwrap();
    build.tasks.swap_remove(index)
}

/// Calibrates and projects.
pub(crate) fn summaries(task: &CalibrationTask, effort: &Effort, seed: u64) -> Numbers {
    let mut task = task.clone();
    task.seed = seed;
    task.strategy = Strategy::Smc(Smc {
        num_particles: effort.particles,
        num_generations: effort.generations,
        ..Smc::default()
    });
    task.projection.as_mut().unwrap().n_trajectories = effort.trajectories;
    let options = CalibrationOptions::with_threads(NonZeroUsize::new(2).unwrap());
    let go_on = &mut |_: &State, _: &Progress| ControlFlow::Continue(());
    let result = run_calibration(&task, &options, None, go_on).unwrap();
    let mut numbers = Numbers::new();
    let posterior = result.generations.last().unwrap();
    for (place, parameter) in result.priors.iter().enumerate() {
        add_marginal(&mut numbers, &parameter.name, posterior, place);
    }
    let projection = result.projection.unwrap();
    for (name, series) in projected(&projection) {
        for place in 0..DATES {
            let mut values: Vec<f64> = series
                .iter()
                .map(|series| series[series.len() - 1 - EVERY * place])
                .collect();
            values.sort_by(f64::total_cmp);
            for level in LEVELS {
                let name = format!("{name}[-{place}] {level}");
                numbers.insert(name, linear_quantile(&values, level));
            }
        }
    }
    numbers
}

fn add_marginal(numbers: &mut Numbers, name: &str, posterior: &Generation, place: usize) {
    let total: f64 = posterior.weights().iter().sum();
    let mut weighted: Vec<(f64, f64)> = posterior
        .particles
        .iter()
        .map(|particle| (particle.parameters[place], particle.weight / total))
        .collect();
    weighted.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mean: f64 = weighted.iter().map(|(value, weight)| value * weight).sum();
    let variance = weighted
        .iter()
        .map(|(value, weight)| weight * (value - mean).powi(2))
        .sum();
    numbers.insert(format!("{name} mean"), mean);
    numbers.insert(format!("{name} variance"), variance);
    for level in LEVELS {
        let mut cumulative = 0.0;
        let reached = weighted.iter().find(|(_, weight)| {
            cumulative += weight;
            cumulative >= level
        });
        numbers.insert(format!("{name} {level}"), reached.unwrap().0);
    }
}

/// Some totals over age groups: a series for each trajectory.
fn projected(projection: &ProjectionResult) -> [(&'static str, Vec<Vec<f64>>); 3] {
    let people = projection.compartment_counts.to_i64().unwrap();
    let moves = projection.transition_counts.to_i64().unwrap();
    let rows = projection.dates.len();
    let groups = projection.groups.len();
    let totals = |counts: &[i64], names: &[String], name: &str| -> Vec<Vec<f64>> {
        let at = names.iter().position(|other| other == name).unwrap() * groups;
        let width = names.len() * groups;
        let of_row = |row: &[i64]| row[at..at + groups].iter().sum::<i64>() as f64;
        counts
            .chunks_exact(width * rows)
            .map(|trajectory| trajectory.chunks_exact(width).map(of_row).collect())
            .collect()
    };
    let (compartments, transitions) = (&projection.compartments, &projection.transitions);
    [
        ("Hosp_total", totals(&people, compartments, "Hosp")),
        (
            "Home_sev_to_Hosp_total",
            totals(&moves, transitions, "Home_sev_to_Hosp"),
        ),
        ("S_total", totals(&people, compartments, "S")),
    ]
}

/// numpy's default quantile, of sorted values.
fn linear_quantile(sorted: &[f64], level: f64) -> f64 {
    let place = level * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}
