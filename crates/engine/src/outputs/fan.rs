//! The main transition of a task as quantiles over its simulations: what the chart and the
//! headline show.

use super::column::{Column, select};
use super::counts::{Counts, TaskLabel};
use super::error::OutputError;
use super::quantile::QuantilePosition;
use super::summary::{HeadlineRow, Interval};
use crate::schema::output::{OutputConfig, Selection};
use crate::simulation::SimulationResult;

/// The levels of a fan: 95 % band, 50 % band, median.
const LEVELS: [f64; 5] = [0.025, 0.25, 0.5, 0.75, 0.975];

/// The index of the median in [`LEVELS`].
const MEDIAN: usize = 2;

/// The main transition of a task.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fan {
    pub(super) primary_id: u32,
    pub(super) population: String,
    /// Dates as text.
    dates: Vec<String>,
    /// Dates as days since 1970-01-01, with the time of day.
    pub(super) days: Vec<f64>,
    /// For each date, the quantiles at the levels of a fan.
    pub(super) quantiles: Vec<[f64; LEVELS.len()]>,
    total: Interval,
}

impl Fan {
    pub(super) fn new(label: &TaskLabel, counts: &Counts, column: &Column) -> Self {
        let positions = LEVELS.map(|level| QuantilePosition::new(counts.n_sims, level));
        let quantiles_of = |values: &mut Vec<i64>| {
            values.sort_unstable();
            #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
            let sorted: Vec<f64> = values.iter().map(|&value| value as f64).collect();
            positions.map(|position| position.of(&sorted))
        };
        let mut totals = vec![0; counts.n_sims];
        let mut quantiles = Vec::with_capacity(counts.n_dates);
        for date in 0..counts.n_dates {
            let mut values: Vec<i64> = (0..counts.n_sims)
                .map(|sim| counts.count(sim, date, column))
                .collect();
            totals
                .iter_mut()
                .zip(&values)
                .for_each(|(total, value)| *total += value);
            quantiles.push(quantiles_of(&mut values));
        }
        Self {
            primary_id: label.primary_id,
            population: label.population.clone(),
            dates: label.dates.iter().map(|date| date.text.clone()).collect(),
            days: label.dates.iter().map(|date| date.instant).collect(),
            quantiles,
            total: interval(&quantiles_of(&mut totals)),
        }
    }

    /// The numbers for the end of a command.
    pub(super) fn headline(&self, transition: &str) -> Option<HeadlineRow> {
        let medians = self.quantiles.iter().map(|quantiles| quantiles[MEDIAN]);
        // The first of the highest: `max_by` alone would give the last.
        let (peak, _) = medians
            .enumerate()
            .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        Some(HeadlineRow {
            primary_id: self.primary_id,
            population: self.population.clone(),
            transition: transition.to_owned(),
            peak_date: self.dates[peak].clone(),
            peak: interval(&self.quantiles[peak]),
            total: self.total,
        })
    }
}

fn interval(quantiles: &[f64; LEVELS.len()]) -> Interval {
    let [lower, _, median, _, upper] = *quantiles;
    Interval {
        lower,
        median,
        upper,
    }
}

/// The column of the main transition: the first that `quantiles.transitions` lists, or the total
/// of the named transition, or that of the first; `None` for a model without transitions.
///
/// # Errors
/// When that column doesn't exist.
pub(super) fn main_column(
    config: &OutputConfig,
    main_transition: Option<&str>,
    result: &SimulationResult,
) -> Result<Option<Column>, OutputError> {
    let listed = config
        .quantiles
        .as_ref()
        .and_then(|quantiles| match &quantiles.transitions {
            Selection::Only(names) => names.first().cloned(),
            Selection::None | Selection::All => None,
        });
    let Some(first) = result.transitions.first() else {
        return Ok(None);
    };
    let total = || format!("{}_total", main_transition.unwrap_or(first));
    let selection = Selection::Only(vec![listed.unwrap_or_else(total)]);
    let columns = select(
        "main transition",
        &selection,
        &result.transitions,
        &result.groups,
    )?;
    Ok(columns.into_iter().next())
}
