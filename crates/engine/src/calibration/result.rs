//! The result of one calibration task: its generations, and what was projected from them.

use serde::{Deserialize, Serialize};

use super::abc::{End, Generation, Strategy};
use crate::array::Array;
use crate::schema::modelset::Distribution;

/// What stage B stores for one calibration task. Its serde form is the payload of a native result
/// artifact of the workflows `calibration` and `calibration_projection`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationResult {
    /// Number of the task.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Name of the model, if it has one.
    pub model_name: Option<String>,
    /// Seed of all streams.
    pub seed: u64,
    /// Step in days.
    pub delta_t: f64,
    /// How particles were searched for.
    pub strategy: Strategy,
    /// Why the search ended.
    pub end: End,
    /// What was calibrated, in the order of the particles' parameters.
    pub priors: Vec<CalibratedParameter>,
    /// The observations and their simulated counterparts.
    pub observed: Observed,
    /// The generations, oldest first. The newest one's particles have the simulated data.
    pub generations: Vec<Generation>,
    /// What was projected, if the experiment asks for a projection.
    pub projection: Option<ProjectionResult>,
}

/// Something calibrated and its prior.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibratedParameter {
    /// A parameter, a compartment (its people at the start), `seasonality_min`, or `start_date`
    /// (days after the reference date).
    pub name: String,
    /// Its prior.
    pub prior: Distribution,
}

/// Observations within the fitting window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// Column of the observed values in the table of observations.
    pub column: String,
    /// Columns of transitions whose sum is compared with them.
    pub simulation: Vec<String>,
    /// Dates, `YYYY-MM-DD`, ascending (D of them).
    pub dates: Vec<String>,
    /// Values: `<f8`, `[D]`.
    pub values: Array,
}

/// Trajectories simulated from the posterior.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionResult {
    /// The generation they are from, counted from 0.
    pub generation: u32,
    /// The dates of the rows, as in a simulation's result (P of them). Rows before a trajectory's
    /// own start are zeros.
    pub dates: Vec<String>,
    /// Age groups, in index order (G of them).
    pub groups: Vec<String>,
    /// Compartments, in index order (C of them).
    pub compartments: Vec<String>,
    /// Different transitions `{source}_to_{target}`, in order of their first registration (K).
    pub transitions: Vec<String>,
    /// People in each compartment: `<i8`, `[n, P, C, G]`.
    pub compartment_counts: Array,
    /// People who made each transition in the row's period: `<i8`, `[n, P, K, G]`.
    pub transition_counts: Array,
    /// Observed columns of all comparisons, and the columns of transitions whose sum they name.
    pub comparisons: Vec<(String, Vec<String>)>,
    /// The particle of each trajectory, an index into its generation: `<u4`, `[n]`.
    pub particles: Array,
    /// Trajectories that could not be simulated; they have no rows above.
    pub failures: Vec<FailedTrajectory>,
}

/// A trajectory that could not be simulated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedTrajectory {
    /// Its number, from 0.
    pub trajectory: u32,
    /// Its particle.
    pub particle: u32,
    /// What went wrong.
    pub message: String,
}
