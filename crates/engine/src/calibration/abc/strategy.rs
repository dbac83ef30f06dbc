//! Strategies and their options, with epydemix's defaults.

use serde::{Deserialize, Serialize};

/// How particles are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Strategy {
    /// Sequential Monte Carlo.
    Smc(Smc),
    /// Whatever is nearer than a threshold.
    Rejection(Rejection),
    /// The nearest of a number of simulations.
    TopFraction(TopFraction),
}

/// Sequential Monte Carlo (T. Toni et al., "Approximate Bayesian computation scheme for parameter
/// inference and model selection in dynamical systems", 2009), with the normal kernel of M. A.
/// Beaumont et al., "Adaptive approximate Bayesian computation", 2009.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smc {
    /// Particles of a generation.
    pub num_particles: u32,
    /// Generations, the one from the prior included.
    pub num_generations: u32,
    /// Threshold of every generation; without it, the first accepts everything and the others what
    /// is nearer than a quantile of the distances before.
    pub epsilon_schedule: Option<Vec<f64>>,
    /// That quantile's level.
    pub epsilon_quantile_level: f64,
    /// No generation follows one whose threshold is below this.
    pub minimum_epsilon: Option<f64>,
    /// The most seconds to take; a generation that isn't finished by then is dropped.
    pub max_seconds: Option<f64>,
    /// The generation in which more simulations than this have been made is dropped.
    pub total_simulations_budget: Option<u64>,
}

/// Keeps what is nearer than a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// The threshold.
    pub epsilon: f64,
    /// Particles to find.
    pub num_particles: u32,
    /// The most seconds to take; what has been found by then is the result.
    pub max_seconds: Option<f64>,
    /// The search ends once more simulations than this have been made.
    pub total_simulations_budget: Option<u64>,
}

/// Keeps the nearest of a number of simulations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopFraction {
    /// The fraction to keep.
    pub top_fraction: f64,
    /// Number of simulations.
    pub n_simulations: u32,
}

impl Default for Smc {
    fn default() -> Self {
        Self {
            num_particles: 1000,
            num_generations: 10,
            epsilon_schedule: None,
            epsilon_quantile_level: 0.5,
            minimum_epsilon: None,
            max_seconds: None,
            total_simulations_budget: None,
        }
    }
}

impl Default for Rejection {
    fn default() -> Self {
        Self {
            epsilon: 0.1,
            num_particles: 1000,
            max_seconds: None,
            total_simulations_budget: None,
        }
    }
}

impl Default for TopFraction {
    fn default() -> Self {
        Self {
            top_fraction: 0.05,
            n_simulations: 100,
        }
    }
}

impl Strategy {
    /// epydemix's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Smc(_) => "smc",
            Self::Rejection(_) => "rejection",
            Self::TopFraction(_) => "top_fraction",
        }
    }

    /// Generations it makes at most.
    #[must_use]
    pub const fn num_generations(&self) -> u32 {
        match self {
            Self::Smc(smc) => smc.num_generations,
            Self::Rejection(_) | Self::TopFraction(_) => 1,
        }
    }

    pub(super) const fn max_seconds(&self) -> Option<f64> {
        match self {
            Self::Smc(smc) => smc.max_seconds,
            Self::Rejection(rejection) => rejection.max_seconds,
            Self::TopFraction(_) => None,
        }
    }

    pub(super) const fn budget(&self) -> Option<u64> {
        match self {
            Self::Smc(smc) => smc.total_simulations_budget,
            Self::Rejection(rejection) => rejection.total_simulations_budget,
            Self::TopFraction(_) => None,
        }
    }
}
