//! Weekly coverage by age group, in the layout of the Scenario Modeling Hub.

use std::path::Path;

use epycloud_config::SuiteBehaviour;

use super::error::VaccinationError;
use crate::calendar::format_day;
use crate::population::{OLDEST_AGE, Place};
use crate::tables::{Row, Table};

/// An age group of coverage tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CoverageGroup {
    /// As tables write it.
    pub(super) label: &'static str,
    /// Youngest and oldest age.
    pub(super) ages: (usize, usize),
}

const fn group(label: &'static str, first: usize, last: usize) -> CoverageGroup {
    CoverageGroup {
        label,
        ages: (first, last),
    }
}

/// The age groups of coverage tables, in order of age.
pub(super) const COVERAGE_GROUPS: [CoverageGroup; 6] = [
    group("6 Months - 4 Years", 0, 4),
    group("5-12 Years", 5, 12),
    group("13-17 Years", 13, 17),
    group("18-49 Years", 18, 49),
    group("50-64 Years", 50, 64),
    group("65+ Years", 65, OLDEST_AGE),
];

/// A group that some tables also have; the finer ones cover it.
const COVERED_BY_OTHERS: &str = "6 Months - 17 Years";

/// A week's coverage of an age group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Week {
    /// The week's last day, counted from 1970-01-01.
    pub(super) last_day: i64,
    /// Percent of the group vaccinated by then.
    pub(super) percent: f64,
}

/// The coverage of a location from the simulation's first day on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coverage {
    /// Weeks of each of [`COVERAGE_GROUPS`], in order.
    pub(super) weeks: [Vec<Week>; COVERAGE_GROUPS.len()],
    /// Last day of the first week that any location of the table has.
    pub(super) first_week: i64,
    /// The table, for messages.
    pub(super) path: std::path::PathBuf,
}

/// Reads the weeks of a place that end on or after the simulation's first day.
pub(super) fn read(
    path: &Path,
    place: &Place,
    first_day: i64,
    behaviour: SuiteBehaviour,
) -> Result<Coverage, VaccinationError> {
    let table = Table::read(path)?;
    let week = table.column("Week_Ending_Sat")?;
    let geography = table.column("Geography")?;
    let age = table.column("Age")?;
    let percent = table.column("Coverage")?;
    let mut weeks: [Vec<Week>; COVERAGE_GROUPS.len()] = Default::default();
    let mut first_week = None;
    for row in table.rows() {
        check_percent(&row, percent, behaviour)?;
        let last_day = row.day(week)?;
        let group = coverage_group(row.text(age), path)?;
        if last_day < first_day {
            continue;
        }
        first_week = Some(first_week.map_or(last_day, |first: i64| first.min(last_day)));
        if let Some(group) = group.filter(|_| is_of(row.text(geography), place)) {
            let percent = row.number(percent, behaviour)?;
            weeks[group].push(Week { last_day, percent });
        }
    }
    let Some(first_week) = first_week else {
        return Err(VaccinationError::NoWeek {
            path: path.to_owned(),
            start: format_day(first_day),
        });
    };
    check_complete(&weeks, place, path)?;
    // A stable sort, as the suite's sort by week and age is.
    weeks
        .iter_mut()
        .for_each(|weeks| weeks.sort_by_key(|week| week.last_day));
    Ok(Coverage {
        weeks,
        first_week,
        path: path.to_owned(),
    })
}

/// The newest suite refuses coverage that is no percentage, wherever in the table it stands.
fn check_percent(
    row: &Row<'_>,
    column: usize,
    behaviour: SuiteBehaviour,
) -> Result<(), VaccinationError> {
    match row.optional_number(column, behaviour)? {
        Some(percent)
            if behaviour == SuiteBehaviour::Latest && !(0.0..=100.0).contains(&percent) =>
        {
            Err(row.invalid(column, "a percentage from 0 to 100").into())
        }
        _ => Ok(()),
    }
}

/// Index into [`COVERAGE_GROUPS`]; `None` for the group that the others cover.
fn coverage_group(label: &str, path: &Path) -> Result<Option<usize>, VaccinationError> {
    let index = COVERAGE_GROUPS
        .iter()
        .position(|group| group.label == label);
    if index.is_none() && label != COVERED_BY_OTHERS {
        return Err(VaccinationError::CoverageGroup {
            group: label.to_owned(),
            path: path.to_owned(),
        });
    }
    Ok(index)
}

/// Tables write English names; a place that has none goes by the name it has, with spaces or
/// underscores.
fn is_of(geography: &str, place: &Place) -> bool {
    match place.location {
        Some(location) => location.forms().contains(&geography),
        None => geography.replace(' ', "_") == place.name.replace(' ', "_"),
    }
}

fn check_complete(
    weeks: &[Vec<Week>; COVERAGE_GROUPS.len()],
    place: &Place,
    path: &Path,
) -> Result<(), VaccinationError> {
    let location = place
        .location
        .map_or(place.name.as_str(), |location| location.name)
        .to_owned();
    if weeks.iter().all(Vec::is_empty) {
        return Err(VaccinationError::NoLocation {
            location,
            path: path.to_owned(),
        });
    }
    match weeks.iter().position(Vec::is_empty) {
        None => Ok(()),
        Some(group) => Err(VaccinationError::MissingGroup {
            group: COVERAGE_GROUPS[group].label.to_owned(),
            location,
            path: path.to_owned(),
        }),
    }
}
