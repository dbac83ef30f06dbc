//! Modelsets as typed values: what `modelset:` in an experiment's YAML says once it is valid.
//!
//! Field names and meanings follow `epymodelingsuite`'s `schema/sampling.py` and
//! `schema/calibration.py`.

pub mod calibration;
mod distribution;
pub mod sampling;

use super::basemodel::Meta;
pub use distribution::Distribution;

/// Where and with which variations to run the base model.
#[derive(Debug, Clone, PartialEq)]
pub struct Modelset {
    /// Who wrote it and why.
    pub meta: Option<Meta>,
    /// The populations, in this order; `all` is expanded.
    pub population_names: Vec<String>,
    /// What to vary.
    pub study: Study,
}

/// What a modelset varies.
#[derive(Debug, Clone, PartialEq)]
pub enum Study {
    /// Nothing but the population.
    Populations,
    /// Parameters, initial conditions and start dates, as listed or drawn.
    Sampling(sampling::Sampling),
    /// The same, so that simulations fit observations.
    Calibration(Box<calibration::Calibration>),
}
