//! Daily schedules that are in a table already: `dates`, `location`, a column for each of the
//! model's age groups, and `scenario` if there are several.

use std::path::{Path, PathBuf};

use epycloud_config::SuiteBehaviour;

use super::super::steps::Steps;
use super::daily::DailyDoses;
use super::error::VaccinationError;
use crate::calendar::{NS_PER_DAY, format_day};
use crate::locations;
use crate::population::{Place, Population};
use crate::tables::{Row, Table};

/// Doses per day of every step and group, `[T, G]`.
///
/// Both versions of the suite take the table's first row of the location as the simulation's first
/// step, whatever its date. The newest holds each row to the next; 0.1.0 takes one row a step.
pub(super) fn doses(
    path: &Path,
    scenario: Option<&str>,
    population: &Population,
    steps: &Steps,
    behaviour: SuiteBehaviour,
    warnings: &mut Vec<String>,
) -> Result<Vec<f64>, VaccinationError> {
    let schedule = Schedule::read(path, scenario, population, behaviour)?;
    let first_day = schedule.first_day();
    if first_day != steps.first_day {
        warnings.push(format!(
            "the vaccination schedule `{}` begins on {}, the simulation on {}: as in \
             epymodelingsuite, its first row is given at the simulation's first step",
            path.display(),
            format_day(first_day),
            format_day(steps.first_day),
        ));
    }
    let rows = match behaviour {
        SuiteBehaviour::V0_1_0 => schedule.rows.into_iter().map(|(_, doses)| doses).collect(),
        SuiteBehaviour::Latest => schedule.held(steps.delta_t)?,
    };
    if rows.len() < steps.n {
        return Err(VaccinationError::TooShort {
            path: path.to_owned(),
            location: population.place.name.clone(),
            found: rows.len(),
            needed: steps.n,
        });
    }
    Ok(rows.into_iter().take(steps.n).flatten().collect())
}

/// Doses of every day and group between the days of `days`, by the dates of the table; days outside
/// it have none.
///
/// The suite can't begin a preprocessed schedule at a sampled date; this is what its coverage
/// schedules do there.
pub(super) fn daily(
    path: &Path,
    scenario: Option<&str>,
    population: &Population,
    days: &Steps,
    behaviour: SuiteBehaviour,
) -> Result<DailyDoses, VaccinationError> {
    let schedule = Schedule::read(path, scenario, population, behaviour)?;
    let (first_row, n_groups) = (schedule.first_day(), population.n_groups());
    let rows = schedule.held(1.0)?;
    let mut doses = Vec::with_capacity(days.n * n_groups);
    for day in days.first_day..=days.last_day {
        let row = usize::try_from(day - first_row)
            .ok()
            .and_then(|at| rows.get(at));
        match row {
            Some(row) => doses.extend_from_slice(row),
            None => doses.extend(std::iter::repeat_n(0.0, n_groups)),
        }
    }
    Ok(DailyDoses::new(days.first_day, n_groups, doses))
}

/// The rows of a location and a scenario: day and `[G]` doses, in the order of the table.
struct Schedule {
    path: PathBuf,
    location: String,
    rows: Vec<(i64, Vec<f64>)>,
}

impl Schedule {
    fn read(
        path: &Path,
        scenario: Option<&str>,
        population: &Population,
        behaviour: SuiteBehaviour,
    ) -> Result<Self, VaccinationError> {
        let table = Table::read(path)?;
        let (dates, location) = (table.column("dates")?, table.column("location")?);
        let groups = population
            .groups
            .iter()
            .map(|group| table.column(&group.label))
            .collect::<Result<Vec<_>, _>>()?;
        let mut of_place: Vec<Row<'_>> = table
            .rows()
            .filter(|row| is_of(row.text(location), &population.place))
            .collect();
        if of_place.is_empty() {
            return Err(VaccinationError::NoLocation {
                location: population.place.name.clone(),
                path: path.to_owned(),
            });
        }
        if let Some(column) = table.find_column("scenario") {
            let chosen = choose_scenario(path, &of_place, column, scenario)?;
            of_place.retain(|row| row.text(column) == chosen);
        }
        let rows = of_place
            .iter()
            .map(|row| {
                let doses = groups
                    .iter()
                    .map(|&column| row.number(column, behaviour))
                    .collect::<Result<_, _>>()?;
                Ok((row.day(dates)?, doses))
            })
            .collect::<Result<_, VaccinationError>>()?;
        Ok(Self {
            path: path.to_owned(),
            location: population.place.name.clone(),
            rows,
        })
    }

    /// Its first day, counted from 1970-01-01: the earliest one.
    fn first_day(&self) -> i64 {
        self.rows
            .iter()
            .map(|(day, _)| *day)
            .min()
            .unwrap_or_default()
    }

    /// The doses of steps from the first day to the last, each row held until the next.
    fn held(mut self, delta_t: f64) -> Result<Vec<Vec<f64>>, VaccinationError> {
        self.rows.sort_by_key(|(day, _)| *day);
        if let Some(pair) = self.rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(VaccinationError::DayTwice {
                path: self.path,
                day: format_day(pair[0].0),
                location: self.location,
            });
        }
        let (first, last) = (
            self.first_day(),
            self.rows.last().map_or(0, |(day, _)| *day),
        );
        let steps =
            Steps::between(first, last, delta_t).map_err(|source| VaccinationError::Steps {
                path: self.path.clone(),
                source: Box::new(source),
            })?;
        let mut held = Vec::with_capacity(steps.n);
        let mut at = 0;
        for instant in steps.instants() {
            while self
                .rows
                .get(at + 1)
                .is_some_and(|(day, _)| day * NS_PER_DAY <= instant)
            {
                at += 1;
            }
            held.push(self.rows[at].1.clone());
        }
        Ok(held)
    }
}

/// The suite writes ISO codes; any form of the location's name is understood.
fn is_of(text: &str, place: &Place) -> bool {
    match place.location {
        Some(location) => locations::find(text) == Some(location),
        None => text == place.name,
    }
}

fn choose_scenario<'a>(
    path: &Path,
    rows: &[Row<'a>],
    column: usize,
    asked: Option<&'a str>,
) -> Result<&'a str, VaccinationError> {
    let mut found: Vec<&str> = Vec::new();
    for row in rows {
        if !found.contains(&row.text(column)) {
            found.push(row.text(column));
        }
    }
    match (asked, found.as_slice()) {
        (Some(asked), names) if names.contains(&asked) => Ok(asked),
        (None, [only]) => Ok(only),
        _ => Err(VaccinationError::Scenario {
            path: path.to_owned(),
            asked: asked.map(str::to_owned),
            found: found.into_iter().map(str::to_owned).collect(),
        }),
    }
}
