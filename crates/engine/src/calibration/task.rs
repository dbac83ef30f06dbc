//! The input of one calibration task: a model with open values, their priors, and observations.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::DistanceFunction;
use super::abc::Strategy;
use super::result::{CalibratedParameter, Observed};
use crate::model::ModelTemplate;
use crate::schema::modelset::Distribution;
use crate::schema::modelset::calibration::Projection;

/// Everything that stage B calibrates for one task. Its serde form is the payload of a native
/// input artifact of the workflows `calibration` and `calibration_projection`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationTask {
    /// Number of the task, from 0; also its index in file names.
    pub primary_id: u32,
    /// Seed of all streams.
    pub seed: u64,
    /// The model.
    pub model: ModelTemplate,
    /// When simulations begin.
    pub start: Start,
    /// The last day of the simulations that are compared with the observations.
    pub fit_until: Date,
    /// The last day of projections.
    pub end_date: Date,
    /// How to search.
    pub strategy: Strategy,
    /// How far simulated data are from the observations.
    pub distance: DistanceFunction,
    /// Calibrated parameters and their priors.
    pub parameters: Vec<CalibratedParameter>,
    /// Compartments whose people at the start are calibrated, and their priors.
    pub compartments: Vec<CalibratedParameter>,
    /// The observations, and what is compared with them.
    pub observed: Observed,
    /// Observed columns of all comparisons, and the columns of transitions whose sum they name.
    pub comparisons: Vec<(String, Vec<String>)>,
    /// What to project from the posterior.
    pub projection: Option<Projection>,
}

/// When simulations begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// All on one day.
    Fixed(Date),
    /// Some whole days after a reference, by a prior of its own.
    Calibrated {
        /// Day zero.
        reference_date: Date,
        /// Prior of the days.
        prior: Distribution,
    },
}

/// The name of the calibrated start among the parameters.
pub const START_DATE: &str = "start_date";

impl CalibrationTask {
    /// Everything that is calibrated, in the order of a particle's parameters: parameters,
    /// compartments, and the start.
    #[must_use]
    pub fn calibrated(&self) -> Vec<CalibratedParameter> {
        let start = match &self.start {
            Start::Fixed(_) => None,
            Start::Calibrated { prior, .. } => Some(CalibratedParameter {
                name: START_DATE.to_owned(),
                prior: prior.clone(),
            }),
        };
        let listed = self.parameters.iter().chain(&self.compartments).cloned();
        listed.chain(start).collect()
    }

    /// The earliest first day of a simulation.
    #[must_use]
    pub const fn earliest_start(&self) -> Date {
        match self.start {
            Start::Fixed(date) => date,
            Start::Calibrated { reference_date, .. } => reference_date,
        }
    }
}
