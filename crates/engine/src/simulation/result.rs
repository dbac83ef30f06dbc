//! The result of one task: the trajectories of its simulations.

use serde::{Deserialize, Serialize};

use super::task::ParameterValue;
use crate::array::Array;

/// What stage B stores for one task. Its serde form is the payload of a native result artifact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulationResult {
    /// Number of the task.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Name of the model, if it has one.
    pub model_name: Option<String>,
    /// Seed of the random stream.
    pub seed: u64,
    /// Step in days.
    pub delta_t: f64,
    /// The dates of the rows, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS.fffffffff` (D of them).
    pub dates: Vec<String>,
    /// Age groups, in index order (G of them).
    pub groups: Vec<String>,
    /// Compartments, in index order (C of them).
    pub compartments: Vec<String>,
    /// Different transitions `{source}_to_{target}`, in order of their first registration (K).
    pub transitions: Vec<String>,
    /// People in each compartment: `<i8`, `[n_sims, D, C, G]`.
    pub compartment_counts: Array,
    /// People who made each transition in the row's period: `<i8`, `[n_sims, D, K, G]`.
    pub transition_counts: Array,
    /// People in each compartment and group at the start: `<i8`, `[C, G]`.
    pub initial: Array,
    /// The parameters as the model has them, in document order.
    pub parameters: Vec<(String, ParameterValue)>,
}

impl SimulationResult {
    /// Number of simulations.
    #[must_use]
    pub fn n_sims(&self) -> usize {
        self.compartment_counts
            .shape()
            .first()
            .map_or(0, |&n| usize::try_from(n).unwrap_or(0))
    }
}
