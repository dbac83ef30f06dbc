//! Sampling: which parameter sets to simulate.

use jiff::civil::Date;

/// The parameter sets of a sampling workflow: every grid point with every point of the Latin
/// hypercube.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampling {
    /// Parameters with listed values; the last one varies fastest.
    pub grid: Vec<GridParameter>,
    /// Quantities drawn together. Its points are the same at every grid point.
    pub latin_hypercube: Option<LatinHypercube>,
}

/// A parameter with listed values.
#[derive(Debug, Clone, PartialEq)]
pub struct GridParameter {
    /// The parameter.
    pub name: String,
    /// Its values, at least one.
    pub values: Vec<f64>,
}

/// Quantities drawn together by Latin hypercube sampling, one dimension each: first the
/// compartments, then the variables.
#[derive(Debug, Clone, PartialEq)]
pub struct LatinHypercube {
    /// Number of points.
    pub n_samples: u32,
    /// Compartments whose initial proportions are drawn.
    pub compartments: Vec<CompartmentRange>,
    /// Parameters and the start date.
    pub variables: Vec<Variable>,
}

/// A compartment's initial proportion of the population, before the proportions of all drawn
/// compartments are cut down to at most 1 together.
#[derive(Debug, Clone, PartialEq)]
pub struct CompartmentRange {
    /// The compartment.
    pub compartment: String,
    /// Least proportion.
    pub min: f64,
    /// Greatest proportion, more than the least.
    pub max: f64,
}

/// A parameter or the start date.
#[derive(Debug, Clone, PartialEq)]
pub enum Variable {
    /// A parameter, uniform between two numbers. In a sampling modelset `args` are the two ends,
    /// not scipy's `loc` and `scale`.
    Uniform {
        /// The parameter.
        name: String,
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
    /// A parameter in whole steps from `low`, `high` excluded.
    Integers {
        /// The parameter.
        name: String,
        /// Least value.
        low: f64,
        /// First value that is too large.
        high: f64,
    },
    /// The first day of the simulation, in whole days from a reference.
    StartDate {
        /// Day zero.
        reference_date: Date,
        /// Least number of days.
        low: f64,
        /// First number of days that is too large.
        high: f64,
    },
}
