//! A task's result, checked and unpacked once for all tables.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use super::column::Column;
use super::error::{OutputError, ResultFault};
use crate::array::Array;
use crate::simulation::SimulationResult;

/// Counts above this don't all exist as floating-point numbers.
const EXACT: i64 = 1 << 53;

/// The counts of a task: `[n_sims, n_dates, n_series, n_groups]`, row-major. A series is a
/// compartment or a transition.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) n_sims: usize,
    pub(super) n_dates: usize,
    n_series: usize,
    n_groups: usize,
    values: Vec<i64>,
}

impl Counts {
    /// Counts of the given shape.
    pub(super) fn new(shape: [usize; 4], values: Vec<i64>) -> Self {
        let [n_sims, n_dates, n_series, n_groups] = shape;
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Self {
            n_sims,
            n_dates,
            n_series,
            n_groups,
            values,
        }
    }

    /// The series of one simulation and date: `[n_series, n_groups]`.
    pub(super) fn row(&self, sim: usize, date: usize) -> &[i64] {
        let width = self.n_series * self.n_groups;
        let start = (sim * self.n_dates + date) * width;
        &self.values[start..start + width]
    }

    /// A column's count in a [`Self::row`].
    pub(super) fn cell(&self, row: &[i64], column: &Column) -> i64 {
        let start = column.series * self.n_groups;
        match column.group {
            Some(group) => row[start + group],
            None => row[start..start + self.n_groups].iter().sum(),
        }
    }

    /// A column's count.
    pub(super) fn count(&self, sim: usize, date: usize, column: &Column) -> i64 {
        self.cell(self.row(sim, date), column)
    }

    /// How many counts there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

/// What every row of a task repeats.
#[derive(Debug)]
pub(super) struct TaskLabel {
    pub(super) primary_id: u32,
    pub(super) seed: u64,
    pub(super) population: String,
    pub(super) dates: Vec<RowDate>,
}

/// The date of a row.
#[derive(Debug, Clone)]
pub(super) struct RowDate {
    /// `YYYY-MM-DD`.
    pub(super) text: String,
    /// Whole days since 1970-01-01.
    pub(super) days: i32,
    /// Days since 1970-01-01, with the time of day.
    pub(super) instant: f64,
}

impl RowDate {
    /// The day.
    pub(super) fn date(&self) -> Date {
        Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(i64::from(self.days)))
    }

    pub(super) fn parse(value: &str) -> Result<Self, ResultFault> {
        let fault = |source| ResultFault::Date {
            value: value.to_owned(),
            source,
        };
        let moment: DateTime = value.parse().map_err(fault)?;
        let days = moment
            .date()
            .since(Date::constant(1970, 1, 1))
            .map_err(fault)?
            .get_days();
        let since_midnight = moment
            .since(moment.date().to_datetime(jiff::civil::Time::midnight()))
            .and_then(|span| span.total(jiff::Unit::Second))
            .map_err(fault)?;
        Ok(Self {
            text: moment.date().to_string(),
            days,
            instant: f64::from(days) + since_midnight / 86_400.0,
        })
    }
}

/// A result whose parts fit together.
#[derive(Debug)]
pub(super) struct CheckedResult {
    pub(super) label: Arc<TaskLabel>,
    pub(super) compartments: Arc<Counts>,
    pub(super) transitions: Arc<Counts>,
    /// People at the start: `[n_compartments, n_groups]`, row-major.
    pub(super) initial: Vec<i64>,
}

impl CheckedResult {
    /// Unpacks a result.
    ///
    /// # Errors
    /// Names the task and what contradicts what.
    pub(super) fn new(result: &SimulationResult) -> Result<Self, OutputError> {
        Self::unpack(result).map_err(|fault| OutputError::Result {
            task: result.primary_id,
            fault,
        })
    }

    fn unpack(result: &SimulationResult) -> Result<Self, ResultFault> {
        let (n_sims, n_dates) = (result.n_sims(), result.dates.len());
        let (n_compartments, n_groups) = (result.compartments.len(), result.groups.len());
        let axes = [
            ("simulations", n_sims),
            ("dates", n_dates),
            ("compartments", n_compartments),
            ("age groups", n_groups),
        ];
        if let Some((what, _)) = axes.into_iter().find(|(_, length)| *length == 0) {
            return Err(ResultFault::Empty { what });
        }
        let counts = |array, from, n_series| {
            let values = unpack(array, from, &[n_sims, n_dates, n_series, n_groups])?;
            Ok(Arc::new(Counts::new(
                [n_sims, n_dates, n_series, n_groups],
                values,
            )))
        };
        Ok(Self {
            label: Arc::new(TaskLabel {
                primary_id: result.primary_id,
                seed: result.seed,
                population: result.population.clone(),
                dates: result
                    .dates
                    .iter()
                    .map(|date| RowDate::parse(date))
                    .collect::<Result<_, _>>()?,
            }),
            compartments: counts(
                "compartment_counts",
                &result.compartment_counts,
                n_compartments,
            )?,
            transitions: counts(
                "transition_counts",
                &result.transition_counts,
                result.transitions.len(),
            )?,
            initial: unpack("initial", &result.initial, &[n_compartments, n_groups])?,
        })
    }
}

/// An array's counts, if it has the shape and every group total is exact as floating point.
pub(super) fn unpack(
    array: &'static str,
    from: &Array,
    shape: &[usize],
) -> Result<Vec<i64>, ResultFault> {
    let expected: Vec<u64> = shape.iter().map(|&length| length as u64).collect();
    if from.shape() != expected {
        return Err(ResultFault::Shape {
            array,
            found: from.shape().to_vec(),
            expected,
        });
    }
    let values = from
        .to_i64()
        .map_err(|source| ResultFault::Array { array, source })?;
    let n_groups = shape
        .last()
        .map_or(1, |&length| i64::try_from(length).unwrap_or(i64::MAX));
    let limit = EXACT / n_groups;
    match values.iter().find(|&&value| !(0..=limit).contains(&value)) {
        Some(&value) => Err(ResultFault::Count { array, value }),
        None => Ok(values),
    }
}
