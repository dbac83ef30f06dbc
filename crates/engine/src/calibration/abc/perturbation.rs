//! Proposals near the particles of the generation before.

use epycloud_kernel::math::exp;
use epycloud_kernel::random::Pcg64;

use super::state::Generation;
use super::weighted::WeightedChoice;
use crate::numpy_sum::numpy_sum;
use crate::priors::Prior;
use crate::priors::draws::standard_normal;

/// Probability that a discrete parameter changes (epydemix's default).
const JUMP_PROBABILITY: f64 = 0.3;

/// The kernel of one parameter, as epydemix chooses it by default.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kernel {
    /// A continuous parameter: normal around the particle, with twice the particles' variance.
    Normal {
        /// Standard deviation; zero where all particles agree, which is then where they stay.
        std: f64,
    },
    /// A discrete one: as likely as [`JUMP_PROBABILITY`] any other of the prior's values.
    Jump {
        /// Least value.
        low: f64,
        /// Number of values.
        n_values: u64,
    },
}

/// A generation as the next one sees it: its particles, their weights and the kernels.
#[derive(Debug)]
pub(super) struct Perturbation {
    kernels: Vec<Kernel>,
    choice: WeightedChoice,
    /// Parameters, row-major `[N, P]`.
    particles: Vec<f64>,
    /// Weights times the normal kernels' constant factor, `[N]`.
    factors: Vec<f64>,
}

impl Perturbation {
    /// Kernels around a generation, or `None` when no particle has any weight.
    pub(super) fn new(priors: &[Prior], generation: &Generation) -> Option<Self> {
        let n_parameters = priors.len();
        let particles: Vec<f64> = generation
            .particles
            .iter()
            .flat_map(|particle| &particle.parameters)
            .copied()
            .collect();
        let weights: Vec<f64> = generation
            .particles
            .iter()
            .map(|particle| particle.weight)
            .collect();
        let kernels: Vec<Kernel> = priors
            .iter()
            .enumerate()
            .map(|(index, prior)| {
                let column: Vec<f64> = particles
                    .iter()
                    .skip(index)
                    .step_by(n_parameters)
                    .copied()
                    .collect();
                Kernel::new(prior, &column)
            })
            .collect();
        let constant: f64 = kernels.iter().map(Kernel::constant).product();
        let factors = weights.iter().map(|weight| weight * constant).collect();
        let choice = WeightedChoice::new(&weights)?;
        Some(Self {
            kernels,
            choice,
            particles,
            factors,
        })
    }

    /// Proposes parameters: a particle by weight, each parameter moved by its kernel.
    pub(super) fn propose(&self, rng: &mut Pcg64) -> Vec<f64> {
        let n_parameters = self.kernels.len();
        let particle = self.choice.draw(rng);
        let parameters = &self.particles[particle * n_parameters..][..n_parameters];
        self.kernels
            .iter()
            .zip(parameters)
            .map(|(kernel, &from)| kernel.propose(from, rng))
            .collect()
    }

    /// The density of proposing parameters: the kernels' densities from every particle, weighted.
    pub(super) fn density(&self, parameters: &[f64]) -> f64 {
        let n_parameters = self.kernels.len();
        let rows = self.particles.chunks_exact(n_parameters);
        rows.zip(&self.factors)
            .map(|(particle, factor)| factor * self.relative_density(particle, parameters))
            .sum()
    }

    /// The kernels' densities without their constant factors.
    fn relative_density(&self, from: &[f64], to: &[f64]) -> f64 {
        let (mut exponent, mut product) = (0.0, 1.0);
        for ((kernel, &from), &to) in self.kernels.iter().zip(from).zip(to) {
            match *kernel {
                Kernel::Normal { std } if std > 0.0 => {
                    let distance = (to - from) / std;
                    exponent += distance * distance;
                }
                Kernel::Normal { .. } => product *= if to == from { 1.0 } else { 0.0 },
                Kernel::Jump { low, n_values } => product *= jump(low, n_values, from, to),
            }
        }
        if product == 0.0 {
            0.0
        } else {
            product * exp(-0.5 * exponent)
        }
    }
}

impl Kernel {
    fn new(prior: &Prior, values: &[f64]) -> Self {
        if prior.is_discrete() {
            let (low, high) = prior.reach();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole, and below 2^54"
            )]
            let n_values = (high - low) as u64 + 1;
            Self::Jump { low, n_values }
        } else {
            Self::Normal {
                std: standard_deviation(values) * std::f64::consts::SQRT_2,
            }
        }
    }

    fn constant(&self) -> f64 {
        match *self {
            Self::Normal { std } if std > 0.0 => 1.0 / (std::f64::consts::TAU.sqrt() * std),
            Self::Normal { .. } | Self::Jump { .. } => 1.0,
        }
    }

    fn propose(self, from: f64, rng: &mut Pcg64) -> f64 {
        match self {
            Self::Normal { std } => from + std * standard_normal(rng),
            Self::Jump { low, n_values } => {
                if n_values < 2 || rng.next_double() >= JUMP_PROBABILITY {
                    return from;
                }
                #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
                let other = low + rng.bounded(n_values - 2) as f64;
                if other >= from { other + 1.0 } else { other }
            }
        }
    }
}

/// Probability of a jump.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn jump(low: f64, n_values: u64, from: f64, to: f64) -> f64 {
    let others = n_values as f64 - 1.0;
    if to == from {
        1.0 - JUMP_PROBABILITY
    } else if to >= low && to <= low + others && (to - low).fract() == 0.0 {
        JUMP_PROBABILITY / others
    } else {
        0.0
    }
}

/// `numpy.std`.
fn standard_deviation(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "numbers of particles are small")]
    let n = values.len() as f64;
    let mean = numpy_sum(values) / n;
    let squares: Vec<f64> = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .collect();
    (numpy_sum(&squares) / n).sqrt()
}
