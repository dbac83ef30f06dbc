//! Observations of one population within the fitting window.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use epycloud_config::SuiteBehaviour;
use epycloud_errors::{Diagnose, ExitCode};

use super::result::Observed;
use crate::array::Array;
use crate::calendar::{day_number, format_day};
use crate::locations::{self, Location};
use crate::schema::modelset::calibration::{Comparison, FittingWindow, LocationFormat};
use crate::tables::{Row, Table, TableError};

/// Columns that tell when a value was published, of which the newest counts.
const VERSION_COLUMNS: [&str; 3] = ["as_of", "issue", "version"];

/// Observations that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ObservedError {
    /// The table can't be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// There are none.
    #[error(
        "`{path}` has no value of `{population}` in column `{column}` from {first} to {last}",
        path = path.display()
    )]
    None {
        /// The table.
        path: PathBuf,
        /// The population.
        population: String,
        /// Column of the locations.
        column: String,
        /// First day of the fitting window.
        first: String,
        /// Last day.
        last: String,
    },
    /// A day has several.
    #[error(
        "`{path}` has several values of `{population}` on {day}",
        path = path.display()
    )]
    Twice {
        /// The table.
        path: PathBuf,
        /// The population.
        population: String,
        /// The day.
        day: String,
    },
}

impl Diagnose for ObservedError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Table(error) => error.exit_code(),
            Self::None { .. } | Self::Twice { .. } => ExitCode::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Table(error) => error.hint(),
            Self::None { .. } => Some(
                "check `observed_location_column`, `observed_location_format` and the fitting \
                 window"
                    .to_owned(),
            ),
            Self::Twice { .. } => Some(
                "keep one value a day, or add a column `as_of` with the day on which each was \
                 published"
                    .to_owned(),
            ),
        }
    }
}

/// Reads the observations of a population, oldest first.
///
/// The suite takes rows whose location is written exactly in the form that the comparison names.
/// Where no row is, any form is taken, in any case, with a warning. Where a day has several values,
/// the suite gives up; here the one that was published last counts, if the table tells, with a
/// warning.
///
/// # Errors
/// When the table can't be read, or has no value of the population in the window, or several for a
/// day.
pub(super) fn read(
    path: &Path,
    comparison: &Comparison,
    window: &FittingWindow,
    population: &str,
    behaviour: SuiteBehaviour,
    warnings: &mut Vec<String>,
) -> Result<Observed, ObservedError> {
    let table = Table::read(path)?;
    let location = table.column(&comparison.observed_location_column)?;
    let date = table.column(&comparison.observed_date_column)?;
    let value = table.column(&comparison.observed_value_column)?;
    let version = VERSION_COLUMNS
        .iter()
        .find_map(|name| table.find_column(name));
    let days = day_number(window.start_date)..=day_number(window.end_date);
    let mut by_day: BTreeMap<i64, (String, f64)> = BTreeMap::new();
    let mut superseded = false;
    for row in rows_of(&table, location, comparison, population, warnings) {
        let day = row.day(date)?;
        if !days.contains(&day) {
            continue;
        }
        let Some(number) = row.optional_number(value, behaviour)? else {
            warnings.push(format!(
                "`{}` has no `{}` of `{population}` on {}: the day is not fitted",
                path.display(),
                comparison.observed_value_column,
                format_day(day)
            ));
            continue;
        };
        let published = version.map_or("", |column| row.text(column)).to_owned();
        match by_day.get(&day) {
            Some((before, _)) if version.is_none() || *before == published => {
                return Err(ObservedError::Twice {
                    path: path.to_owned(),
                    population: population.to_owned(),
                    day: format_day(day),
                });
            }
            Some((before, _)) => {
                superseded = true;
                if *before < published {
                    by_day.insert(day, (published, number));
                }
            }
            None => {
                by_day.insert(day, (published, number));
            }
        }
    }
    if superseded {
        warnings.push(format!(
            "`{}` has several values for some days: those published last are fitted",
            path.display()
        ));
    }
    if by_day.is_empty() {
        return Err(ObservedError::None {
            path: path.to_owned(),
            population: population.to_owned(),
            column: comparison.observed_location_column.clone(),
            first: window.start_date.to_string(),
            last: window.end_date.to_string(),
        });
    }
    let values: Vec<f64> = by_day.values().map(|&(_, value)| value).collect();
    Ok(Observed {
        column: comparison.observed_value_column.clone(),
        simulation: comparison.simulation.clone(),
        dates: by_day.keys().map(|&day| format_day(day)).collect(),
        values: Array::from_f64(&[values.len()], &values),
    })
}

/// The rows of a population.
fn rows_of<'t>(
    table: &'t Table,
    column: usize,
    comparison: &Comparison,
    population: &str,
    warnings: &mut Vec<String>,
) -> Vec<Row<'t>> {
    let place = locations::find(population);
    let expected = place.map_or(population, |place| {
        written(place, comparison.observed_location_format)
    });
    let exact: Vec<Row<'t>> = table
        .rows()
        .filter(|row| row.text(column) == expected)
        .collect();
    if !exact.is_empty() {
        return exact;
    }
    let Some(place) = place else {
        return exact;
    };
    let forms = [
        place.iso,
        place.fips,
        place.abbreviation,
        place.name,
        place.epydemix,
    ];
    let other: Vec<Row<'t>> = table
        .rows()
        .filter(|row| {
            forms
                .iter()
                .any(|form| form.eq_ignore_ascii_case(row.text(column)))
        })
        .collect();
    if let Some(row) = other.first() {
        warnings.push(format!(
            "column `{}` of the observations writes `{expected}` as `{}`; epymodelingsuite would \
             find no observation",
            comparison.observed_location_column,
            row.text(column)
        ));
    }
    other
}

const fn written(place: &Location, format: LocationFormat) -> &'static str {
    match format {
        LocationFormat::Iso => place.iso,
        LocationFormat::Fips => place.fips,
        LocationFormat::Abbreviation => place.abbreviation,
        LocationFormat::Name => place.name,
        LocationFormat::Epydemix => place.epydemix,
    }
}
