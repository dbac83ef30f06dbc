//! Strategies of approximate Bayesian computation: against epydemix, against exact posteriors, and
//! the same whatever the threads and interruptions.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests are tests too"
)]

mod epidemic;
mod python;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use epidemic::{OBSERVED, Outbreak, SmallEpidemic, priors};
use epycloud_engine::calibration::abc::{
    End, Generation, Particle, Rejection, Sampler, Smc, State, Strategy, TopFraction,
    WeightedChoice, effective_sample_size,
};
use epycloud_engine::calibration::{Distance, DistanceFunction};
use epycloud_kernel::random::Pcg64;
use serde_json::json;
use serde_pickle::{DeOptions, SerOptions};

fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn simulator(gives_up: bool) -> SmallEpidemic {
    SmallEpidemic {
        distance: Distance::new(DistanceFunction::Rmse, OBSERVED.to_vec()).unwrap(),
        gives_up,
    }
}

fn strategies() -> [Strategy; 3] {
    [
        Strategy::Smc(Smc {
            num_particles: 60,
            num_generations: 4,
            ..Smc::default()
        }),
        Strategy::Rejection(Rejection {
            epsilon: 25.0,
            num_particles: 60,
            ..Rejection::default()
        }),
        Strategy::TopFraction(TopFraction {
            top_fraction: 0.1,
            n_simulations: 700,
        }),
    ]
}

fn run(strategy: &Strategy, seed: u64, n_threads: usize, gives_up: bool) -> State {
    let priors = priors();
    let simulator = simulator(gives_up);
    let sampler = Sampler {
        simulator: &simulator,
        priors: &priors,
        strategy,
        n_threads: threads(n_threads),
        keeps_all_data: false,
    };
    let mut state = State::new(seed);
    let end = sampler
        .run(&mut state, &mut |_, _| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(end, End::Complete);
    state
}

#[test]
fn results_are_the_same_for_any_number_of_threads() {
    for strategy in strategies() {
        let one = run(&strategy, 5, 1, true);
        assert!(run(&strategy, 5, 2, true) == one, "{strategy:?}");
        assert!(run(&strategy, 5, 7, true) == one, "{strategy:?}");
        assert!(run(&strategy, 6, 2, true) != one, "{strategy:?}");
    }
}

#[test]
fn giving_simulations_up_changes_no_decision() {
    for strategy in strategies() {
        for seed in 0..3 {
            let (all, few) = (
                run(&strategy, seed, 2, false),
                run(&strategy, seed, 2, true),
            );
            let particles = |state: &State| -> Vec<Vec<Particle>> {
                state
                    .generations
                    .iter()
                    .map(|generation| generation.particles.clone())
                    .collect()
            };
            assert!(particles(&all) == particles(&few), "{strategy:?}");
            let given_up = |state: &State| -> u64 {
                state
                    .generations
                    .iter()
                    .map(|generation| generation.counts.given_up)
                    .sum()
            };
            assert_eq!(given_up(&all), 0);
            let has_threshold = !matches!(strategy, Strategy::TopFraction(_));
            assert_eq!(given_up(&few) > 0, has_threshold, "{strategy:?}");
            assert_eq!(all.n_simulations(), few.n_simulations());
        }
    }
}

#[test]
fn an_interrupted_search_resumes_to_the_same_end() {
    let priors = priors();
    let simulator = simulator(true);
    for strategy in strategies() {
        let uninterrupted = run(&strategy, 11, 1, true);
        for every in [1, 29, 97] {
            let sampler = Sampler {
                simulator: &simulator,
                priors: &priors,
                strategy: &strategy,
                n_threads: threads(2),
                keeps_all_data: false,
            };
            let mut state = State::new(11);
            let mut n_interruptions = 0;
            loop {
                let mut until = every;
                let interrupt = &mut |_: &State, _: &_| {
                    until -= 1;
                    if until == 0 {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                };
                match sampler.run(&mut state, interrupt).unwrap() {
                    End::Interrupted => n_interruptions += 1,
                    end => {
                        assert_eq!(end, End::Complete);
                        break;
                    }
                }
                // what a killed process leaves behind
                let stored = serde_pickle::to_vec(&state, SerOptions::new()).unwrap();
                state = serde_pickle::from_slice(&stored, DeOptions::new()).unwrap();
            }
            assert!(n_interruptions > 1, "{strategy:?}");
            assert!(state == uninterrupted, "{strategy:?}, every {every}");
        }
    }
}

#[test]
fn a_state_of_another_calibration_is_refused() {
    let mut state = run(&strategies()[0], 1, 1, true);
    let one_prior = &priors()[..1];
    let simulator = simulator(true);
    let sampler = Sampler {
        simulator: &simulator,
        priors: one_prior,
        strategy: &strategies()[0],
        n_threads: threads(1),
        keeps_all_data: false,
    };
    let error = sampler
        .run(&mut state, &mut |_, _| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the saved state is of another calibration: its particles have 2 parameters, not 1"
    );
}

#[test]
fn a_generation_beyond_the_budget_is_dropped_and_the_last_whole_one_kept() {
    let whole = run(&strategies()[0], 3, 1, true);
    let n_of_two: u64 = whole.generations[..2]
        .iter()
        .map(|g| g.counts.simulations)
        .sum();
    let budget = |budget| {
        let strategy = Strategy::Smc(Smc {
            num_particles: 60,
            num_generations: 4,
            total_simulations_budget: Some(budget),
            ..Smc::default()
        });
        let (priors, simulator) = (priors(), simulator(true));
        let sampler = Sampler {
            simulator: &simulator,
            priors: &priors,
            strategy: &strategy,
            n_threads: threads(2),
            keeps_all_data: false,
        };
        let mut state = State::new(3);
        let end = sampler
            .run(&mut state, &mut |_, _| ControlFlow::Continue(()))
            .unwrap();
        (end, state.generations)
    };
    let particles = |generations: &[Generation]| -> Vec<Vec<f64>> {
        let parameters = |g: &Generation| {
            g.particles
                .iter()
                .flat_map(|p| p.parameters.clone())
                .collect()
        };
        generations.iter().map(parameters).collect()
    };
    for (allowed, n_generations) in [(n_of_two + 5, 2), (n_of_two, 2), (10, 0)] {
        let (end, generations) = budget(allowed);
        assert_eq!(end, End::OutOfSimulations, "{allowed}");
        assert_eq!(generations.len(), n_generations, "{allowed}");
        assert_eq!(
            particles(&generations),
            particles(&whole.generations[..n_generations])
        );
    }
}

#[test]
fn the_search_ends_below_the_minimum_epsilon_and_follows_a_schedule() {
    let schedule = vec![200.0, 60.0, 35.0, 20.0];
    let strategy = Strategy::Smc(Smc {
        num_particles: 30,
        num_generations: 4,
        epsilon_schedule: Some(schedule.clone()),
        minimum_epsilon: Some(40.0),
        ..Smc::default()
    });
    let (priors, simulator) = (priors(), simulator(true));
    let sampler = Sampler {
        simulator: &simulator,
        priors: &priors,
        strategy: &strategy,
        n_threads: threads(1),
        keeps_all_data: true,
    };
    let mut state = State::new(8);
    let end = sampler
        .run(&mut state, &mut |_, _| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(end, End::MinimumEpsilon);
    let epsilons: Vec<f64> = state.generations.iter().filter_map(|g| g.epsilon).collect();
    assert_eq!(epsilons, schedule[..3]);
    for (generation, epsilon) in state.generations.iter().zip(epsilons) {
        assert!(
            generation
                .particles
                .iter()
                .all(|particle| particle.distance <= epsilon)
        );
        assert!(
            generation
                .particles
                .iter()
                .all(|particle| particle.data.len() == OBSERVED.len())
        );
    }
}

/// Names of the statistics that both sides compute of a run, in the order of
/// `tests/oracle/epydemix_abc.py`.
const STATISTICS: [&str; 11] = [
    "mean of beta",
    "variance of beta",
    "mean of infected",
    "variance of infected",
    "10 % quantile of beta",
    "median of beta",
    "90 % quantile of beta",
    "mean distance",
    "greatest distance",
    "effective sample size",
    "simulations",
];

fn statistics(state: &State) -> Vec<f64> {
    let last = state.generations.last().unwrap();
    let weights = last.weights();
    let column = |at: usize| last.particles.iter().map(move |p| p.parameters[at]);
    let mut statistics = Vec::new();
    for at in [0, 1] {
        let mean: f64 = column(at)
            .zip(&weights)
            .map(|(value, weight)| value * weight)
            .sum();
        let squares = column(at)
            .zip(&weights)
            .map(|(value, weight)| weight * (value - mean).powi(2));
        statistics.extend([mean, squares.sum()]);
    }
    let mut sorted: Vec<(f64, f64)> = column(0).zip(weights.iter().copied()).collect();
    sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
    for level in [0.1, 0.5, 0.9] {
        let mut cumulative = 0.0;
        let at = sorted.iter().position(|(_, weight)| {
            cumulative += weight;
            cumulative >= level
        });
        statistics.push(sorted[at.unwrap_or(sorted.len() - 1)].0);
    }
    let distances = last.distances();
    statistics.push(distances.iter().sum::<f64>() / distances.len() as f64);
    statistics.push(distances.iter().copied().fold(0.0, f64::max));
    statistics.push((effective_sample_size(&weights) * 1e6).round() / 1e6);
    statistics.push(state.n_simulations() as f64);
    statistics
}

/// Repeated with different seeds, posteriors, distances and effort are distributed as epydemix's:
/// Mann and Whitney's test of each statistic and strategy, at a level of 0.1 % for all 33 together.
#[test]
fn posteriors_are_distributed_as_epydemixs() {
    let Some(python) = python::oracle() else {
        return;
    };
    const N_SEEDS: usize = 40;
    // The normal quantile of 1 - 0.001 / 33 / 2.
    const CRITICAL: f64 = 4.17;
    let questions = [
        json!({"strategy": "smc", "options": {"num_particles": 60, "num_generations": 4}}),
        json!({"strategy": "rejection", "options": {"epsilon": 25.0, "num_particles": 60}}),
        json!({"strategy": "top_fraction", "options": {"top_fraction": 0.1, "Nsim": 700}}),
    ];
    let questions = questions.map(|mut question| {
        question["seeds"] = json!(N_SEEDS);
        question
    });
    let mut worst: f64 = 0.0;
    let mut failures = Vec::new();
    for (strategy, answer) in
        strategies()
            .iter()
            .zip(python::ask(&python, "epydemix_abc.py", &questions))
    {
        let theirs: Vec<Vec<f64>> = serde_json::from_value(answer).unwrap();
        let ours: Vec<Vec<f64>> = (0..N_SEEDS)
            .map(|seed| statistics(&run(strategy, seed as u64, 2, true)))
            .collect();
        for (at, name) in STATISTICS.iter().enumerate() {
            let column = |runs: &[Vec<f64>]| runs.iter().map(|run| run[at]).collect::<Vec<f64>>();
            let z = mann_whitney(&column(&ours), &column(&theirs));
            worst = worst.max(z.abs());
            if z.abs() > CRITICAL {
                failures.push(format!("{} of {}: z = {z:.2}", name, strategy.name()));
            }
        }
    }
    eprintln!("33 statistics over {N_SEEDS} seeds: greatest |z| {worst:.2} (critical {CRITICAL})");
    assert!(failures.is_empty(), "{failures:#?}");
}

/// The normal score of Mann and Whitney's U, with ties counted as halves.
fn mann_whitney(left: &[f64], right: &[f64]) -> f64 {
    let (n, m) = (left.len() as f64, right.len() as f64);
    let mut u = 0.0;
    for l in left {
        for r in right {
            u += match l.total_cmp(r) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    let mut all: Vec<f64> = left.iter().chain(right).copied().collect();
    all.sort_by(f64::total_cmp);
    let ties: f64 = all
        .chunk_by(|a, b| a == b)
        .map(|t| (t.len() as f64).powi(3) - t.len() as f64)
        .sum();
    let total = n + m;
    let variance = n * m / 12.0 * ((total + 1.0) - ties / (total * (total - 1.0)));
    if variance == 0.0 {
        0.0
    } else {
        (u - n * m / 2.0) / variance.sqrt()
    }
}

/// Simulation-based calibration (S. Talts et al., "Validating Bayesian Inference Algorithms with
/// Simulation-Based Calibration", 2018): for parameters from the prior and data simulated with them,
/// the parameters' ranks among draws from the posterior are uniform. Exact matches make ABC exact,
/// so the ranks of both parameters must be, for rejection and for SMC.
#[test]
fn ranks_of_the_truth_among_posterior_draws_are_uniform() {
    const N_DRAWS: usize = 9;
    const N_TRIALS: u64 = 600;
    let rejection = Strategy::Rejection(Rejection {
        epsilon: 0.5,
        num_particles: N_DRAWS as u32,
        ..Rejection::default()
    });
    let smc = Strategy::Smc(Smc {
        num_particles: 150,
        num_generations: 3,
        epsilon_schedule: Some(vec![8.0, 3.0, 0.5]),
        ..Smc::default()
    });
    for strategy in [rejection, smc] {
        let mut counts = [[0.0; N_DRAWS + 1]; 2];
        for trial in 0..N_TRIALS {
            let ranks = ranks::<N_DRAWS>(&strategy, trial);
            for (counts, rank) in counts.iter_mut().zip(ranks) {
                counts[rank] += 1.0;
            }
        }
        for (counts, name) in counts.iter().zip(["beta", "infected"]) {
            let expected = N_TRIALS as f64 / (N_DRAWS + 1) as f64;
            let statistic: f64 = counts
                .iter()
                .map(|count| (count - expected) * (count - expected) / expected)
                .sum();
            eprintln!(
                "{}, {name}: chi-squared {statistic:.1} with 9 degrees",
                strategy.name()
            );
            // The 0.99975 quantile: uniform ranks fail with a chance of 0.1 % in all four tests.
            assert!(statistic < 31.4, "{} {name}: {counts:?}", strategy.name());
        }
    }
}

/// Ranks of the true parameters, with equal ones in random order.
fn ranks<const N_DRAWS: usize>(strategy: &Strategy, trial: u64) -> [usize; 2] {
    let priors = priors();
    let mut rng = Pcg64::new(1_000_000 + trial);
    let truth: Vec<f64> = priors.iter().map(|prior| prior.draw(&mut rng)).collect();
    let observed = vec![Outbreak::size(&truth, &mut rng)];
    let simulator = Outbreak {
        distance: Distance::new(DistanceFunction::Mae, observed).unwrap(),
    };
    let sampler = Sampler {
        simulator: &simulator,
        priors: &priors,
        strategy,
        n_threads: threads(1),
        keeps_all_data: false,
    };
    let mut state = State::new(trial);
    sampler
        .run(&mut state, &mut |_, _| ControlFlow::Continue(()))
        .unwrap();
    let last = state.generations.last().unwrap();
    let choice = WeightedChoice::new(&last.weights()).unwrap();
    let mut rank = [0; 2];
    let place = rng.next_double();
    for draw in 0..N_DRAWS {
        // rejection's particles are draws already
        let particle = match strategy {
            Strategy::Smc(_) => &last.particles[choice.draw(&mut rng)],
            _ => &last.particles[draw],
        };
        for ((rank, value), truth) in rank.iter_mut().zip(&particle.parameters).zip(&truth) {
            let is_below = value < truth || value == truth && rng.next_double() < place;
            *rank += usize::from(is_below);
        }
    }
    rank
}
