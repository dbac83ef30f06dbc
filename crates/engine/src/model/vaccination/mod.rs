//! Doses of vaccine at every step.
//!
//! The suite (`vaccinations.py`) makes a daily schedule from weekly coverage: the share of an age
//! group that has been vaccinated by the end of each week, times the group's people, less what the
//! weeks before had, spread over the days. The groups of the coverage table are then shared out to
//! the model's. A preprocessed table has a daily schedule already.

mod coverage;
mod daily;
mod denominators;
mod error;
mod preprocessed;
mod restart;
mod sharing;

use epycloud_config::SuiteBehaviour;

pub use error::VaccinationError;

use super::sources::DataSources;
use super::steps::Steps;
use crate::calendar::NS_PER_DAY;
use crate::population::Population;
use crate::schema::basemodel::{Vaccination, VaccinationSource};

pub(crate) use daily::DailyDoses;

/// Doses per day of every step and group: `[T, G]`, row-major.
pub(crate) fn doses(
    vaccination: &Vaccination,
    population: &Population,
    steps: &Steps,
    sources: &DataSources,
    warnings: &mut Vec<String>,
) -> Result<Vec<f64>, VaccinationError> {
    match &vaccination.source {
        VaccinationSource::Scenario(path) => {
            let daily = of_coverage(path, population, steps, sources, warnings)?;
            Ok(at_steps(&daily, steps, sources.suite_behaviour))
        }
        VaccinationSource::Preprocessed(path) => preprocessed::doses(
            &sources.repository.join(path),
            vaccination.scenario.as_deref(),
            population,
            steps,
            sources.suite_behaviour,
            warnings,
        ),
    }
}

/// Doses of every day and group from the first day on, for simulations that begin then or later.
pub(crate) fn daily_doses(
    vaccination: &Vaccination,
    population: &Population,
    days: &Steps,
    sources: &DataSources,
    warnings: &mut Vec<String>,
) -> Result<DailyDoses, VaccinationError> {
    match &vaccination.source {
        VaccinationSource::Scenario(path) => of_coverage(path, population, days, sources, warnings),
        VaccinationSource::Preprocessed(path) => preprocessed::daily(
            &sources.repository.join(path),
            vaccination.scenario.as_deref(),
            population,
            days,
            sources.suite_behaviour,
        ),
    }
}

fn of_coverage(
    path: &str,
    population: &Population,
    steps: &Steps,
    sources: &DataSources,
    warnings: &mut Vec<String>,
) -> Result<DailyDoses, VaccinationError> {
    let path = sources.repository.join(path);
    let behaviour = sources.suite_behaviour;
    let coverage = coverage::read(&path, &population.place, steps.first_day, behaviour)?;
    let people = denominators::Denominators::of(population, sources)?;
    let daily = daily::spread(&coverage, &people.by_group(), steps)?;
    let weights = sharing::weights(&population.groups, &people, behaviour)?;
    if people.splits_by_population() && sharing::has_parts(&weights) {
        warnings.push(format!(
            "age groups of `{}` split those of the vaccination coverage: doses are divided by the \
             simulated population's ages, epymodelingsuite divides them by its \
             `population_codebook.csv`",
            population.place.name
        ));
    }
    Ok(sharing::share(&daily, &weights))
}

/// The doses of every step from those of every day.
pub(crate) fn at_steps(daily: &DailyDoses, steps: &Steps, behaviour: SuiteBehaviour) -> Vec<f64> {
    let mut doses = Vec::with_capacity(steps.n * daily.n_groups());
    for instant in steps.instants() {
        let is_midnight = instant.rem_euclid(NS_PER_DAY) == 0;
        let day = instant.div_euclid(NS_PER_DAY);
        match daily.of_day(day) {
            Some(row) if is_midnight || behaviour == SuiteBehaviour::Latest => doses.extend(row),
            _ => doses.extend(std::iter::repeat_n(0.0, daily.n_groups())),
        }
    }
    doses
}
