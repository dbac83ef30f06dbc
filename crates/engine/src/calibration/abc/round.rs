//! Proposals and their evaluation.

use super::perturbation::Perturbation;
use super::simulator::{Simulated, Simulator};
use super::state::{Counts, Particle};
use super::streams::{proposal_stream, simulation_stream};
use crate::priors::Prior;

/// What a generation accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Threshold {
    /// Distances of at most this, as epydemix's first generation.
    AtMost(f64),
    /// Distances below this.
    Below(f64),
}

/// A generation being filled.
pub(super) struct Round<'a, S> {
    pub(super) simulator: &'a S,
    pub(super) priors: &'a [Prior],
    pub(super) seed: u64,
    pub(super) generation: u32,
    pub(super) threshold: Threshold,
    /// The generation before; the prior without one.
    pub(super) before: Option<Perturbation>,
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attempt {
    /// The prior rules it out.
    OutsidePrior,
    /// Its simulation was given up.
    GivenUp,
    /// Its simulation is too far.
    TooFar { failed: bool },
    /// Its parameters make no model.
    Invalid {
        parameters: Vec<f64>,
        reason: String,
    },
    /// It is accepted; its weight isn't normalised.
    Accepted { particle: Particle, failed: bool },
}

impl<S: Simulator> Round<'_, S> {
    /// Draws, simulates and judges a proposal.
    pub(super) fn evaluate(&self, proposal: u32, scratch: &mut S::Scratch) -> Attempt {
        let mut rng = proposal_stream(self.seed, self.generation, proposal);
        let parameters: Vec<f64> = match &self.before {
            None => self
                .priors
                .iter()
                .map(|prior| prior.draw(&mut rng))
                .collect(),
            Some(before) => before.propose(&mut rng),
        };
        let density = match &self.before {
            None => Some(1.0),
            Some(_) => self.prior_density(&parameters),
        };
        let Some(density) = density else {
            return Attempt::OutsidePrior;
        };
        let mut rng = simulation_stream(self.seed, self.generation, proposal);
        let epsilon = self.threshold.epsilon();
        match self
            .simulator
            .simulate(&parameters, &mut rng, epsilon, scratch)
        {
            Simulated::TooFar => Attempt::GivenUp,
            Simulated::Invalid(reason) => Attempt::Invalid { parameters, reason },
            Simulated::Finished {
                distance, failed, ..
            } if !self.threshold.accepts(distance) => Attempt::TooFar { failed },
            Simulated::Finished {
                distance,
                data,
                failed,
            } => {
                let weight = match &self.before {
                    None => 1.0,
                    Some(before) => importance(density, before.density(&parameters)),
                };
                let particle = Particle {
                    parameters,
                    weight,
                    distance,
                    proposal,
                    data,
                };
                Attempt::Accepted { particle, failed }
            }
        }
    }

    /// The product of the priors' densities, or `None` where any of them is zero.
    fn prior_density(&self, parameters: &[f64]) -> Option<f64> {
        let mut product = 1.0;
        for (prior, &parameter) in self.priors.iter().zip(parameters) {
            let density = prior.density(parameter);
            if density > 0.0 {
                product *= density;
            } else {
                return None;
            }
        }
        Some(product)
    }
}

/// How much more likely the prior proposes parameters than the kernels do.
fn importance(prior: f64, proposed: f64) -> f64 {
    if proposed > 0.0 {
        prior / proposed
    } else {
        0.0
    }
}

impl Threshold {
    pub(super) const fn epsilon(self) -> f64 {
        match self {
            Self::AtMost(epsilon) | Self::Below(epsilon) => epsilon,
        }
    }

    fn accepts(self, distance: f64) -> bool {
        match self {
            Self::AtMost(epsilon) => distance <= epsilon,
            Self::Below(epsilon) => distance < epsilon,
        }
    }
}

impl Attempt {
    pub(super) fn count(&self, counts: &mut Counts) {
        counts.proposals += 1;
        let failed = match self {
            Self::OutsidePrior => {
                counts.outside_prior += 1;
                return;
            }
            Self::Invalid { .. } => return,
            Self::GivenUp => {
                counts.given_up += 1;
                false
            }
            Self::TooFar { failed } | Self::Accepted { failed, .. } => *failed,
        };
        counts.simulations += 1;
        counts.failed += u64::from(failed);
    }
}
