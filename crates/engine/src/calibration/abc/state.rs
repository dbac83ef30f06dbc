//! Where a calibration stands, as plain data that a killed one resumes from.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::array::{Array, ArrayError};

/// An accepted proposal.
#[derive(Debug, Clone, PartialEq)]
pub struct Particle {
    /// Its parameters, in the order of the priors.
    pub parameters: Vec<f64>,
    /// Its weight. The weights of a finished generation sum to 1.
    pub weight: f64,
    /// Its distance from the observations.
    pub distance: f64,
    /// Number of the proposal within its generation, which its stream derives from.
    pub proposal: u32,
    /// The simulated data, one value an observation; empty where they aren't kept.
    pub data: Vec<f64>,
}

/// What it took to fill a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Proposals, all told.
    pub proposals: u64,
    /// Proposals that the prior rules out, which are not simulated.
    pub outside_prior: u64,
    /// Simulations.
    pub simulations: u64,
    /// Simulations given up before their end, as too far from the observations.
    pub given_up: u64,
    /// Simulations that failed, and so were compared as if nothing had happened.
    pub failed: u64,
}

/// A generation of particles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Generation {
    /// The threshold; `None` accepts everything.
    pub epsilon: Option<f64>,
    /// The particles, in the order of their proposals.
    pub particles: Vec<Particle>,
    /// What it took.
    pub counts: Counts,
}

/// Where a calibration stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The seed of all streams.
    pub seed: u64,
    /// Finished generations.
    pub generations: Vec<Generation>,
    /// The generation that is being filled; weights aren't normalised yet.
    pub current: Generation,
    /// Distances of all simulations so far, where the strategy needs them: `<f8`.
    #[serde(serialize_with = "to_array", deserialize_with = "from_array")]
    pub(super) distances: Vec<f64>,
    /// Seconds it took so far, where the strategy limits them.
    pub(super) seconds: Option<f64>,
}

/// What a search can't go on from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SearchError {
    /// The saved state isn't one of this calibration.
    #[error("the saved state is of another calibration: {0}")]
    Mismatch(String),
    /// A proposal's parameters make no model.
    #[error("the parameters {parameters:?} make no model: {reason}")]
    Invalid {
        /// They, in the order of the priors.
        parameters: Vec<f64>,
        /// Why.
        reason: String,
    },
}

impl State {
    /// The beginning.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            generations: Vec::new(),
            current: Generation::default(),
            distances: Vec::new(),
            seconds: None,
        }
    }

    /// Simulations made so far.
    #[must_use]
    pub fn n_simulations(&self) -> u64 {
        let finished = self
            .generations
            .iter()
            .map(|generation| generation.counts.simulations);
        finished.sum::<u64>() + self.current.counts.simulations
    }
}

impl Generation {
    /// The particles' weights.
    #[must_use]
    pub fn weights(&self) -> Vec<f64> {
        self.particles
            .iter()
            .map(|particle| particle.weight)
            .collect()
    }

    /// The particles' distances.
    #[must_use]
    pub fn distances(&self) -> Vec<f64> {
        self.particles
            .iter()
            .map(|particle| particle.distance)
            .collect()
    }
}

/// A generation as it is stored: one array a quantity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    epsilon: Option<f64>,
    /// `<f8`, `[N, P]`.
    parameters: Array,
    /// `<f8`, `[N]`.
    weights: Array,
    /// `<f8`, `[N]`.
    distances: Array,
    /// `<u4`, `[N]`.
    proposals: Array,
    /// `<f8`, `[N, D]`; D is 0 where the data aren't kept.
    data: Array,
    counts: Counts,
}

impl From<Generation> for Stored {
    fn from(generation: Generation) -> Self {
        let particles = &generation.particles;
        let n = particles.len();
        let table = |of: fn(&Particle) -> &[f64]| {
            let width = particles.first().map_or(0, |particle| of(particle).len());
            let values: Vec<f64> = particles.iter().flat_map(of).copied().collect();
            Array::from_f64(&[n, width], &values)
        };
        let proposals: Vec<u32> = particles.iter().map(|particle| particle.proposal).collect();
        Self {
            epsilon: generation.epsilon,
            parameters: table(|particle| &particle.parameters),
            weights: Array::from_f64(&[n], &generation.weights()),
            distances: Array::from_f64(&[n], &generation.distances()),
            proposals: Array::from_u32(&[n], &proposals),
            data: table(|particle| &particle.data),
            counts: generation.counts,
        }
    }
}

impl TryFrom<Stored> for Generation {
    type Error = ArrayError;

    fn try_from(stored: Stored) -> Result<Self, ArrayError> {
        let proposals = stored.proposals.to_u32()?;
        let n = proposals.len();
        let column = |array: &Array| {
            let values = array.to_f64()?;
            if values.len() == n {
                Ok(values)
            } else {
                Err(length(array))
            }
        };
        let rows = |array: &Array| {
            let values = array.to_f64()?;
            let width = values.len() / n.max(1);
            if width * n != values.len() {
                return Err(length(array));
            }
            let row = |index| values[index * width..(index + 1) * width].to_vec();
            Ok((0..n).map(row).collect::<Vec<_>>())
        };
        let (weights, distances) = (column(&stored.weights)?, column(&stored.distances)?);
        let (parameters, data) = (rows(&stored.parameters)?, rows(&stored.data)?);
        let particles = parameters
            .into_iter()
            .zip(weights)
            .zip(distances)
            .zip(proposals)
            .zip(data)
            .map(
                |((((parameters, weight), distance), proposal), data)| Particle {
                    parameters,
                    weight,
                    distance,
                    proposal,
                    data,
                },
            )
            .collect();
        Ok(Self {
            epsilon: stored.epsilon,
            particles,
            counts: stored.counts,
        })
    }
}

fn to_array<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    Array::from_f64(&[values.len()], values).serialize(serializer)
}

fn from_array<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    Array::deserialize(deserializer)?
        .to_f64()
        .map_err(D::Error::custom)
}

fn length(array: &Array) -> ArrayError {
    ArrayError::Length {
        shape: array.shape().to_vec(),
        bytes: 0,
    }
}
