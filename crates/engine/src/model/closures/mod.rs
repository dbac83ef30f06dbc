//! Days on which schools are closed: breaks from school calendars, and holidays.

mod calendar;
mod error;
mod holidays;

use epycloud_config::SuiteBehaviour;

pub use error::ClosureError;

use super::contacts::Scaling;
use super::sources::DataSources;
use super::steps::{Period, Steps};
use crate::calendar::civil;
use crate::population::{LAYERS, Place};
use crate::schema::basemodel::Intervention;

use calendar::SchoolCalendar;

/// Name of the table of school calendars.
pub(crate) const CALENDARS: &str = "school_calendars_formatted.csv";

/// Days between two days counted from 1970-01-01, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Closure {
    first: i64,
    last: i64,
}

/// The scaling of the `school` layer while schools are closed, if the experiment asks for it.
///
/// Closures come before every other intervention. One that overlaps another scales again, as in
/// the suite. Suite 0.1.0 applies none of them.
pub(crate) fn scalings(
    interventions: &[Intervention],
    place: &Place,
    steps: &Steps,
    sources: &DataSources,
    warnings: &mut Vec<String>,
) -> Result<Vec<Scaling>, ClosureError> {
    let factor = interventions
        .iter()
        .find_map(|intervention| match intervention {
            Intervention::SchoolClosure { scaling_factor } => Some(*scaling_factor),
            _ => None,
        });
    let Some(factor) = factor else {
        return Ok(Vec::new());
    };
    if sources.suite_behaviour == SuiteBehaviour::V0_1_0 {
        warnings.push(
            "school closures have no effect: epymodelingsuite 0.1.0 drops them, and \
             `EPYCLOUD_SUITE_BEHAVIOUR` asks for its results"
                .to_owned(),
        );
        return Ok(Vec::new());
    }
    let path = sources
        .table(CALENDARS)
        .ok_or_else(|| ClosureError::NoCalendars {
            looked_in: sources.table_folders(),
        })?;
    let layer = LAYERS
        .iter()
        .position(|&layer| layer == "school")
        .unwrap_or_default();
    let (first_year, last_year) = (civil(steps.first_day).0, civil(steps.last_day).0);
    let closures = closures(&SchoolCalendar::read(&path)?, place, first_year, last_year)?;
    Ok(closures
        .into_iter()
        .map(|closure| Scaling {
            layer,
            factor,
            period: Period::new(closure.first, closure.last),
        })
        .collect())
}

/// The closures of a place in the years of a simulation (the suite's `make_school_closure_dict`).
fn closures(
    calendar: &SchoolCalendar,
    place: &Place,
    first_year: i64,
    last_year: i64,
) -> Result<Vec<Closure>, ClosureError> {
    let years = first_year..=last_year;
    let abbreviation = place.location.map(|location| location.abbreviation);
    let mut closures = match abbreviation {
        // The country's schools are closed when any state's are.
        Some("US") => union(calendar.closures(None, years.clone())?),
        _ => calendar.closures(Some(abbreviation.unwrap_or(&place.name)), years.clone())?,
    };
    let breaks = closures.clone();
    for year in years {
        for day in holidays::of_year(abbreviation.unwrap_or("US"), year)? {
            if !breaks
                .iter()
                .any(|closure| closure.first <= day && day <= closure.last)
            {
                closures.push(Closure {
                    first: day,
                    last: day,
                });
            }
        }
    }
    Ok(closures)
}

/// Merges closures that share a day.
fn union(mut closures: Vec<Closure>) -> Vec<Closure> {
    closures.sort_unstable();
    let mut merged: Vec<Closure> = Vec::new();
    for closure in closures {
        match merged.last_mut() {
            Some(last) if closure.first <= last.last => last.last = last.last.max(closure.last),
            _ => merged.push(closure),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_that_share_a_day_become_one() {
        let closure = |first, last| Closure { first, last };
        let merged = union(vec![
            closure(10, 12),
            closure(1, 5),
            closure(5, 7),
            closure(13, 14),
            closure(2, 3),
        ]);
        assert_eq!(merged, [closure(1, 7), closure(10, 12), closure(13, 14)]);
    }
}
