//! Calibration: what to fit, to which data, and how.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::calibration::DistanceFunction;
use crate::calibration::abc::Strategy;
use crate::schema::basemodel::Parameter;

/// The parameter that is also the trough of the seasonality.
pub const SEASONALITY_MIN: &str = "seasonality_min";

/// Whether a parameter of the base model has a value, which wins over a prior of its name. The
/// trough of the seasonality isn't looked up among the parameters, so its prior counts in any case.
pub(crate) fn overrules_prior(name: &str, parameter: &Parameter) -> bool {
    name != SEASONALITY_MIN && matches!(parameter, Parameter::Scalar(_) | Parameter::AgeVarying(_))
}

/// A calibration workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// How to search.
    pub strategy: Strategy,
    /// How far simulated data are from observed ones.
    pub distance: DistanceFunction,
    /// The table of observations, relative to the forecast repository.
    pub observed_data_path: String,
    /// What is compared with what, at least one. The first is fitted; the others only name columns
    /// of the projection, as in the suite.
    pub comparison: Vec<Comparison>,
    /// The observations that count.
    pub fitting_window: FittingWindow,
    /// Prior of the first day.
    pub start_date: Option<StartDatePrior>,
    /// Priors of parameters. `seasonality_min` is the trough of the seasonality.
    pub parameters: Vec<(String, Distribution)>,
    /// Priors of the people in compartments at the start: counts or proportions.
    pub compartments: Vec<(String, Distribution)>,
    /// What to simulate from the posterior; nothing without it.
    pub projection: Option<Projection>,
}

/// Observed and simulated data that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Column of the observed values, which also names their simulated counterpart.
    pub observed_value_column: String,
    /// Column of their dates.
    pub observed_date_column: String,
    /// Column of their locations.
    pub observed_location_column: String,
    /// Form of the locations' names.
    pub observed_location_format: LocationFormat,
    /// Columns of transitions (`I_to_R_total`) whose sum is the simulated counterpart, at least one.
    pub simulation: Vec<String>,
}

/// A form of locations' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationFormat {
    /// `US-MA`.
    Iso,
    /// `25`.
    Fips,
    /// `MA`.
    Abbreviation,
    /// `Massachusetts`.
    Name,
    /// `United_States_Massachusetts`.
    Epydemix,
}

/// Days between two days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FittingWindow {
    /// First day.
    pub start_date: Date,
    /// Last day, which also ends a calibration's simulations.
    pub end_date: Date,
}

/// The prior of the first day.
#[derive(Debug, Clone, PartialEq)]
pub struct StartDatePrior {
    /// Day zero.
    pub reference_date: Date,
    /// Days after it; fractions of a day are cut off.
    pub prior: Distribution,
}

/// Simulations from the posterior.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// How many.
    pub n_trajectories: u32,
    /// The generation they are from; the last one without it. (The suite passes this number to
    /// where it has no effect.)
    pub generation_number: Option<u32>,
}
