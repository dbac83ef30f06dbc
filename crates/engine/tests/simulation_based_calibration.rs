//! Simulation-based calibration (S. Talts et al., "Validating Bayesian inference algorithms with
//! simulation-based calibration", 2018): of parameters drawn from the priors, data simulated with
//! them, and a posterior fitted to the data, the parameters' ranks among the posterior's draws are
//! uniform if, and only if, everything from priors to weights is right.
//!
//! ABC's posterior is that of data known up to the threshold. With noise of that size on the
//! observations it is exact (P. Fearnhead, D. Prangle, "Constructing summary statistics for
//! approximate Bayesian computation", 2012, on noisy ABC), so the ranks have to be uniform at any
//! threshold, and the test needs no hopeless ones.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod simulation_support;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use epycloud_engine::calibration::abc::{
    Generation, Progress, Rejection, Smc, State, Strategy, WeightedChoice,
};
use epycloud_engine::calibration::{
    CalibrationOptions, CalibrationTask, build_calibration, run_calibration,
};
use epycloud_engine::{Array, DataSources};
use epycloud_kernel::random::Pcg64;
use simulation_support::read_from;

/// Root mean square of what may differ between observed and simulated admissions a week.
const EPSILON: f64 = 90.0;
const REPLICATES: u64 = 96;
const DRAWS: usize = 15;
const BINS: usize = 8;
/// 99.9 % quantile of chi-square with 7 degrees of freedom: of four parameters, all pass with a
/// probability of 99.6 % if the ranks are uniform.
const CRITICAL: f64 = 24.32;

fn task() -> CalibrationTask {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
    let experiment = read_from(&repository, "forecast");
    let build = build_calibration(&experiment, &DataSources::of_repository(repository));
    let mut task = build.unwrap().tasks.swap_remove(0);
    task.projection = None;
    task
}

fn newest(task: &CalibrationTask) -> Generation {
    let options = CalibrationOptions::with_threads(NonZeroUsize::new(2).unwrap());
    let go_on = &mut |_: &State, _: &Progress| ControlFlow::Continue(());
    let mut result = run_calibration(task, &options, None, go_on).unwrap();
    result.generations.pop().unwrap()
}

/// Parameters from the priors and data simulated with them, with noise within the threshold.
fn truth(task: &mut CalibrationTask, seed: u64, noise: &mut Pcg64) -> Vec<f64> {
    task.seed = seed;
    task.strategy = Strategy::Rejection(Rejection {
        epsilon: f64::INFINITY,
        num_particles: 1,
        ..Rejection::default()
    });
    let particle = newest(task).particles.swap_remove(0);
    let noise = within_ball(particle.data.len(), noise);
    let radius = EPSILON * (particle.data.len() as f64).sqrt();
    let noisy = particle.data.iter().zip(&noise);
    let observed: Vec<f64> = noisy.map(|(value, noise)| value + radius * noise).collect();
    task.observed.values = Array::from_f64(&[observed.len()], &observed);
    particle.parameters
}

/// A point that is uniform in the unit ball: among those of the cube, whose share in 12 dimensions
/// is small, by a direction of normal deviates and a radius.
fn within_ball(n: usize, rng: &mut Pcg64) -> Vec<f64> {
    let normal = |rng: &mut Pcg64| {
        let (u, v) = (1.0 - rng.next_double(), rng.next_double());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let direction: Vec<f64> = (0..n).map(|_| normal(rng)).collect();
    let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
    let radius = rng.next_double().powf(1.0 / n as f64);
    direction.iter().map(|x| x / length * radius).collect()
}

/// By parameter, how often each bin has its rank among draws from the posterior.
type Ranks = Vec<[u32; BINS]>;

/// The ranks of the parameters as they are, and of the same moved by a distance of each.
fn ranks(strategy: &Strategy, distance: &[f64]) -> (Ranks, Ranks) {
    let mut task = task();
    let mut counts = (
        vec![[0; BINS]; distance.len()],
        vec![[0; BINS]; distance.len()],
    );
    for replicate in 0..REPLICATES {
        let mut rng = Pcg64::new(7_000 + replicate);
        let truth = truth(&mut task, 2 * replicate, &mut rng);
        task.seed = 2 * replicate + 1;
        task.strategy = strategy.clone();
        let posterior = newest(&task);
        let choice = WeightedChoice::new(&posterior.weights()).unwrap();
        let chosen: Vec<usize> = (0..DRAWS).map(|_| choice.draw(&mut rng)).collect();
        for (parameter, distance) in distance.iter().enumerate() {
            let drawn = chosen
                .iter()
                .map(|&chosen| posterior.particles[chosen].parameters[parameter]);
            let drawn: Vec<f64> = drawn.collect();
            let value = truth[parameter];
            counts.0[parameter][bin(&drawn, value, &mut rng)] += 1;
            counts.1[parameter][bin(&drawn, value + distance, &mut rng)] += 1;
        }
    }
    counts
}

/// The bin of a value's rank; where it equals draws, anywhere among them.
fn bin(drawn: &[f64], value: f64, rng: &mut Pcg64) -> usize {
    let below = |&&drawn: &&f64| drawn < value || (drawn == value && rng.next_double() < 0.5);
    drawn.iter().filter(below).count() * BINS / (DRAWS + 1)
}

fn chi_square(counts: &[u32; BINS]) -> f64 {
    let expected = REPLICATES as f64 / BINS as f64;
    let share = |&count: &u32| (f64::from(count) - expected).powi(2) / expected;
    counts.iter().map(share).sum()
}

fn assert_uniform(ranks: &Ranks) {
    for (parameter, counts) in ranks.iter().enumerate() {
        let statistic = chi_square(counts);
        assert!(statistic < CRITICAL, "{parameter}: {counts:?}, {statistic}");
    }
}

#[test]
fn ranks_of_rejection_are_uniform_and_those_of_other_parameters_are_not() {
    let strategy = Strategy::Rejection(Rejection {
        epsilon: EPSILON,
        num_particles: 15,
        ..Rejection::default()
    });
    let (ranks, moved) = ranks(&strategy, &[0.2, 0.2, 30.0, 6.0]);
    assert_uniform(&ranks);
    // The test can fail: a third of the width of their priors would be seen.
    for (parameter, counts) in moved.iter().enumerate() {
        assert!(chi_square(counts) > CRITICAL, "{parameter}: {counts:?}");
    }
}

#[test]
fn ranks_of_sequential_monte_carlo_are_uniform() {
    let strategy = Strategy::Smc(Smc {
        num_particles: 30,
        num_generations: 2,
        epsilon_schedule: Some(vec![2.0 * EPSILON, EPSILON]),
        ..Smc::default()
    });
    assert_uniform(&ranks(&strategy, &[0.0; 4]).0);
}
