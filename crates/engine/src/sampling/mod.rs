//! Parameter sets of a sampling workflow, the same for a seed as `epymodelingsuite` makes them.
//!
//! [`generate`] combines a grid with a Latin hypercube (scipy's `qmc.LatinHypercube` on numpy's
//! stream, to the last bit), in the suite's order, so that task numbers agree.

mod compartments;
mod latin_hypercube;

use epycloud_errors::{Diagnose, ExitCode};
use jiff::Span;
use jiff::civil::Date;

use crate::schema::modelset::sampling::{GridParameter, LatinHypercube, Sampling, Variable};

pub use compartments::InfeasibleProportions;

/// One choice of everything that is sampled.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParameterSet {
    /// Sampled parameters: the grid's, then the hypercube's.
    pub parameters: Vec<(String, f64)>,
    /// Sampled compartments and their initial proportions.
    pub compartments: Vec<(String, f64)>,
    /// The first day, where it is sampled.
    pub start_date: Option<Date>,
}

/// Why there are no parameter sets.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SamplingError {
    /// The least proportions of the compartments are more than everybody.
    #[error("the compartments' least proportions leave nothing to sample")]
    Proportions(#[source] InfeasibleProportions),
    /// A start date beyond the calendar.
    #[error("`{days}` days from {reference_date} is no date")]
    StartDate {
        /// Day zero.
        reference_date: Date,
        /// The days drawn.
        days: f64,
    },
}

impl Diagnose for SamplingError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// The parameter sets of a sampling section, in task order: grid points in the order of
/// `itertools.product`, and for each of them all points of the hypercube.
///
/// # Errors
/// When the compartments' least proportions sum to more than 1, or a start date isn't one.
///
/// ```
/// use epycloud_engine::sampling::generate;
/// use epycloud_engine::schema::modelset::sampling::{GridParameter, Sampling};
///
/// let eps = GridParameter { name: "eps".to_owned(), values: vec![0.1, 0.2] };
/// let sets = generate(&Sampling { grid: vec![eps], latin_hypercube: None }, 42)?;
/// assert_eq!(sets[1].parameters, [("eps".to_owned(), 0.2)]);
/// # Ok::<(), epycloud_engine::sampling::SamplingError>(())
/// ```
pub fn generate(sampling: &Sampling, seed: u64) -> Result<Vec<ParameterSet>, SamplingError> {
    let drawn = match &sampling.latin_hypercube {
        Some(hypercube) => draw(hypercube, seed)?,
        None => vec![ParameterSet::default()],
    };
    Ok(grid_points(&sampling.grid)
        .into_iter()
        .flat_map(|point| drawn.iter().map(move |set| combine(&point, set)))
        .collect())
}

/// Every combination of the grid's values, the last parameter's varying fastest.
fn grid_points(grid: &[GridParameter]) -> Vec<Vec<(String, f64)>> {
    grid.iter().fold(vec![Vec::new()], |points, parameter| {
        points
            .iter()
            .flat_map(|point| {
                parameter.values.iter().map(move |&value| {
                    let mut point = point.clone();
                    point.push((parameter.name.clone(), value));
                    point
                })
            })
            .collect()
    })
}

fn combine(point: &[(String, f64)], set: &ParameterSet) -> ParameterSet {
    let mut parameters = point.to_vec();
    parameters.extend(set.parameters.iter().cloned());
    ParameterSet {
        parameters,
        ..set.clone()
    }
}

fn draw(hypercube: &LatinHypercube, seed: u64) -> Result<Vec<ParameterSet>, SamplingError> {
    let n_compartments = hypercube.compartments.len();
    let dimensions = n_compartments + hypercube.variables.len();
    let proportions = compartments::Proportions::new(&hypercube.compartments)
        .map_err(SamplingError::Proportions)?;
    let points = latin_hypercube::points(hypercube.n_samples as usize, dimensions, seed);
    points
        .chunks_exact(dimensions.max(1))
        .map(|point| {
            let (for_compartments, for_variables) = point.split_at(n_compartments);
            let names = hypercube
                .compartments
                .iter()
                .map(|range| range.compartment.clone());
            let mut set = ParameterSet {
                compartments: names.zip(proportions.at(for_compartments)).collect(),
                ..ParameterSet::default()
            };
            for (variable, &u) in hypercube.variables.iter().zip(for_variables) {
                set.take(variable, u)?;
            }
            Ok(set)
        })
        .collect()
}

impl ParameterSet {
    /// Sets a variable from a uniform number of `[0, 1)`.
    fn take(&mut self, variable: &Variable, u: f64) -> Result<(), SamplingError> {
        match variable {
            Variable::Uniform { name, low, high } => {
                self.parameters.push((name.clone(), low + (high - low) * u));
            }
            Variable::Integers { name, low, high } => {
                self.parameters
                    .push((name.clone(), low + (u * (high - low)).floor()));
            }
            Variable::StartDate {
                reference_date,
                low,
                high,
            } => {
                let days = (low + (high - low) * u).floor();
                self.start_date = Some(add_days(*reference_date, days)?);
            }
        }
        Ok(())
    }
}

fn add_days(reference_date: Date, days: f64) -> Result<Date, SamplingError> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole; what is too large is refused"
    )]
    let span = Span::new().try_days(days as i64);
    span.and_then(|span| reference_date.checked_add(span))
        .map_err(|_| SamplingError::StartDate {
            reference_date,
            days,
        })
}
