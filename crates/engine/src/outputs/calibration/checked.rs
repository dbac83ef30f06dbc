//! A calibration's result, checked and unpacked once for all tables.

use std::sync::Arc;

use crate::array::Array;
use crate::calibration::{CalibrationResult, ProjectionResult};
use crate::outputs::column::{Column, all};
use crate::outputs::counts::{Counts, RowDate, TaskLabel, unpack};
use crate::outputs::error::{OutputError, ResultFault};
use crate::schema::output::Selection;

/// A result whose parts fit together.
#[derive(Debug)]
pub(in crate::outputs) struct CheckedCalibration {
    pub(in crate::outputs) primary_id: u32,
    pub(in crate::outputs) seed: u64,
    pub(in crate::outputs) population: String,
    /// Dates of the observations.
    pub(in crate::outputs) observed_dates: Vec<RowDate>,
    /// The observations.
    pub(in crate::outputs) observed: Vec<f64>,
    /// What was projected, unless that is nothing.
    pub(in crate::outputs) projection: Option<CheckedProjection>,
}

/// Projected trajectories.
#[derive(Debug)]
pub(in crate::outputs) struct CheckedProjection {
    pub(in crate::outputs) label: Arc<TaskLabel>,
    /// Every column's counts; comparisons are series of their own, with their sums in the first
    /// group.
    pub(in crate::outputs) counts: Arc<Counts>,
    /// The particle of each trajectory.
    pub(in crate::outputs) particles: Vec<usize>,
    /// Index of the generation.
    pub(in crate::outputs) generation: usize,
    columns: Columns,
}

/// The columns of a projection, in their order.
#[derive(Debug)]
struct Columns {
    compartments: Vec<Column>,
    transitions: Vec<Column>,
    comparisons: Vec<Column>,
}

impl CheckedCalibration {
    /// Unpacks a result.
    ///
    /// # Errors
    /// Names the task and what contradicts what.
    pub(in crate::outputs) fn new(result: &CalibrationResult) -> Result<Self, OutputError> {
        Self::unpack(result).map_err(|fault| OutputError::Result {
            task: result.primary_id,
            fault,
        })
    }

    fn unpack(result: &CalibrationResult) -> Result<Self, ResultFault> {
        let observed = &result.observed;
        let values = read(&observed.values, "observed.values")?;
        check_shape("observed.values", &observed.values, &[observed.dates.len()])?;
        let observed_dates = observed.dates.iter().map(|date| RowDate::parse(date));
        for generation in &result.generations {
            for particle in &generation.particles {
                let data = particle.data.len();
                if particle.parameters.len() != result.priors.len()
                    || (data != 0 && data != observed.dates.len())
                {
                    return Err(ResultFault::Shape {
                        array: "generations",
                        found: vec![particle.parameters.len() as u64, data as u64],
                        expected: vec![result.priors.len() as u64, observed.dates.len() as u64],
                    });
                }
            }
        }
        let projection = match &result.projection {
            Some(projection) => CheckedProjection::new(result, projection)?,
            None => None,
        };
        Ok(Self {
            primary_id: result.primary_id,
            seed: result.seed,
            population: result.population.clone(),
            observed_dates: observed_dates.collect::<Result<_, _>>()?,
            observed: values,
            projection,
        })
    }
}

fn read(array: &Array, name: &'static str) -> Result<Vec<f64>, ResultFault> {
    array.to_f64().map_err(|source| ResultFault::Array {
        array: name,
        source,
    })
}

fn check_shape(array: &'static str, from: &Array, shape: &[usize]) -> Result<(), ResultFault> {
    let expected: Vec<u64> = shape.iter().map(|&length| length as u64).collect();
    if from.shape() == expected {
        return Ok(());
    }
    Err(ResultFault::Shape {
        array,
        found: from.shape().to_vec(),
        expected,
    })
}

impl CheckedProjection {
    /// Unpacks a projection; `None` if no trajectory could be simulated.
    fn new(
        result: &CalibrationResult,
        projection: &ProjectionResult,
    ) -> Result<Option<Self>, ResultFault> {
        let particles = projection
            .particles
            .to_u32()
            .map_err(|source| ResultFault::Array {
                array: "particles",
                source,
            })?;
        let n = particles.len();
        if n == 0 {
            return Ok(None);
        }
        let generation = projection.generation as usize;
        let n_particles = result
            .generations
            .get(generation)
            .map_or(0, |generation| generation.particles.len());
        let particles: Vec<usize> = particles
            .into_iter()
            .map(|particle| particle as usize)
            .collect();
        if let Some(&beyond) = particles.iter().find(|&&particle| particle >= n_particles) {
            return Err(ResultFault::Particle {
                particle: beyond,
                n_particles,
            });
        }
        let (n_dates, n_groups) = (projection.dates.len(), projection.groups.len());
        if n_dates == 0 || n_groups == 0 {
            let what = if n_dates == 0 { "dates" } else { "age groups" };
            return Err(ResultFault::Empty { what });
        }
        let (n_compartments, n_transitions) =
            (projection.compartments.len(), projection.transitions.len());
        let compartments = unpack(
            "compartment_counts",
            &projection.compartment_counts,
            &[n, n_dates, n_compartments, n_groups],
        )?;
        let transitions = unpack(
            "transition_counts",
            &projection.transition_counts,
            &[n, n_dates, n_transitions, n_groups],
        )?;
        let columns = Columns::new(projection);
        let sums = sums(projection, &columns.transitions, n_compartments)?;
        let mut values = Vec::with_capacity(
            n * n_dates * (n_compartments + n_transitions + sums.len()) * n_groups,
        );
        for row in 0..n * n_dates {
            let of = |counts: &'_ [i64], n_series: usize| {
                let width = n_series * n_groups;
                counts[row * width..(row + 1) * width].to_vec()
            };
            values.extend(of(&compartments, n_compartments));
            let moved = of(&transitions, n_transitions);
            values.extend_from_slice(&moved);
            for columns in &sums {
                values.push(
                    columns
                        .iter()
                        .map(|column| column.of(&moved, n_groups))
                        .sum(),
                );
                values.extend(std::iter::repeat_n(0, n_groups - 1));
            }
        }
        let n_series = n_compartments + n_transitions + sums.len();
        Ok(Some(Self {
            label: Arc::new(TaskLabel {
                primary_id: result.primary_id,
                seed: result.seed,
                population: result.population.clone(),
                dates: projection
                    .dates
                    .iter()
                    .map(|date| RowDate::parse(date))
                    .collect::<Result<_, _>>()?,
            }),
            counts: Arc::new(Counts::new([n, n_dates, n_series, n_groups], values)),
            particles,
            generation,
            columns,
        }))
    }

    /// The columns of compartments that a selection picks. All of them are those whose names
    /// don't say `_to_`, what is compared with observations included, as in the suite.
    ///
    /// # Errors
    /// When a selected column doesn't exist.
    pub(in crate::outputs) fn compartments(
        &self,
        section: &'static str,
        selection: &Selection,
    ) -> Result<Vec<Column>, OutputError> {
        self.select(section, selection, false)
    }

    /// The columns of transitions that a selection picks.
    ///
    /// # Errors
    /// When a selected column doesn't exist.
    pub(in crate::outputs) fn transitions(
        &self,
        section: &'static str,
        selection: &Selection,
    ) -> Result<Vec<Column>, OutputError> {
        self.select(section, selection, true)
    }

    fn select(
        &self,
        section: &'static str,
        selection: &Selection,
        transitions: bool,
    ) -> Result<Vec<Column>, OutputError> {
        match selection {
            Selection::None => Ok(Vec::new()),
            Selection::All => Ok(self
                .all()
                .filter(|column| column.name.contains("_to_") == transitions)
                .cloned()
                .collect()),
            Selection::Only(names) => names
                .iter()
                .map(|name| self.column(section, name))
                .collect(),
        }
    }

    /// A column by name.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::outputs) fn column(
        &self,
        section: &'static str,
        name: &str,
    ) -> Result<Column, OutputError> {
        let found = self.all().find(|column| column.name == name);
        found.cloned().ok_or_else(|| OutputError::UnknownColumn {
            section,
            column: name.to_owned(),
            nearest: epycloud_errors::nearest(name, self.all().map(|column| column.name.as_str()))
                .map(str::to_owned),
        })
    }

    /// The column that stands for what the calibration observed: the named one, or the first
    /// comparison.
    pub(in crate::outputs) fn main_column(&self, name: &str) -> Option<&Column> {
        let comparisons = &self.columns.comparisons;
        let named = self.all().find(|column| column.name == name);
        named.or_else(|| comparisons.first())
    }

    /// A column's counts in every trajectory, on a date.
    pub(in crate::outputs) fn values(&self, date: usize, column: &Column) -> Vec<f64> {
        (0..self.counts.n_sims)
            .map(|trajectory| {
                #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
                let count = self.counts.count(trajectory, date, column) as f64;
                count
            })
            .collect()
    }

    /// A column's counts in a trajectory, date by date.
    pub(in crate::outputs) fn trajectory(&self, trajectory: usize, column: &Column) -> Vec<f64> {
        (0..self.counts.n_dates)
            .map(|date| {
                #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
                let count = self.counts.count(trajectory, date, column) as f64;
                count
            })
            .collect()
    }

    /// The columns of a compartment or transition in each age group.
    pub(in crate::outputs) fn groups_of(&self, name: &str) -> Vec<Column> {
        let of_groups = self.all().filter(|column| {
            let rest = column.name.strip_prefix(name);
            column.group.is_some() && rest.is_some_and(|rest| rest.starts_with('_'))
        });
        of_groups
            .filter(|column| !column.name[name.len() + 1..].contains('_'))
            .cloned()
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = &Column> {
        let Columns {
            compartments,
            transitions,
            comparisons,
        } = &self.columns;
        compartments.iter().chain(transitions).chain(comparisons)
    }
}

impl Columns {
    fn new(projection: &ProjectionResult) -> Self {
        let groups = &projection.groups;
        let n_compartments = projection.compartments.len();
        let after = n_compartments + projection.transitions.len();
        let mut transitions = all(&projection.transitions, groups);
        for column in &mut transitions {
            column.series += n_compartments;
        }
        let comparisons = projection.comparisons.iter().enumerate();
        Self {
            compartments: all(&projection.compartments, groups),
            transitions,
            comparisons: comparisons
                .map(|(index, (name, _))| Column {
                    name: name.clone(),
                    series: after + index,
                    group: Some(0),
                })
                .collect(),
        }
    }
}

/// A column among the transitions of one date.
struct Moved {
    series: usize,
    group: Option<usize>,
}

impl Moved {
    fn of(&self, moved: &[i64], n_groups: usize) -> i64 {
        let counts = &moved[self.series * n_groups..(self.series + 1) * n_groups];
        match self.group {
            Some(group) => counts[group],
            None => counts.iter().sum(),
        }
    }
}

/// For each comparison, the columns that it sums.
fn sums(
    projection: &ProjectionResult,
    transitions: &[Column],
    n_compartments: usize,
) -> Result<Vec<Vec<Moved>>, ResultFault> {
    let comparisons = projection.comparisons.iter();
    comparisons
        .map(|(_, names)| {
            let columns = names.iter().map(|name| {
                let found = transitions.iter().find(|column| column.name == *name);
                let column = found.ok_or_else(|| ResultFault::Comparison {
                    column: name.clone(),
                })?;
                Ok(Moved {
                    series: column.series - n_compartments,
                    group: column.group,
                })
            });
            columns.collect()
        })
        .collect()
}
