//! The people whom coverage is a share of; [`crate::model`] says whose they are.

use epycloud_config::SuiteBehaviour;

use super::super::sources::DataSources;
use super::coverage::COVERAGE_GROUPS;
use super::error::VaccinationError;
use crate::numpy_sum::numpy_sum;
use crate::population::{OLDEST_AGE, Place, Population};
use crate::tables::Table;

/// Name of the suite's table of people by single ages.
const CODEBOOK: &str = "population_codebook.csv";

/// People of each coverage group by location, summed from the suite's codebook.
const TOTALS: &str = include_str!("../../../data/coverage_denominators.csv");

/// People by age.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Denominators {
    /// People of each coverage group.
    totals: [f64; COVERAGE_GROUPS.len()],
    /// People of each single age, whose proportions split a group.
    ages: Vec<f64>,
    /// Whether the totals are the suite's and the ages are not.
    splits_by_population: bool,
}

impl Denominators {
    /// The people for a population.
    pub(super) fn of(
        population: &Population,
        sources: &DataSources,
    ) -> Result<Self, VaccinationError> {
        if let Some(ages) = from_codebook(&population.place, sources)? {
            return Ok(Self::from_ages(ages));
        }
        let ages = population.single_ages.clone();
        if let Some(totals) = built_in(&population.place) {
            return Ok(Self {
                totals,
                ages,
                splits_by_population: true,
            });
        }
        // A place that the suite doesn't know, so there is nothing to agree with.
        Ok(Self::from_ages(ages))
    }

    /// People whose ages and totals agree.
    #[cfg(test)]
    pub(super) fn for_tests(ages: Vec<f64>) -> Self {
        Self::from_ages(ages)
    }

    fn from_ages(ages: Vec<f64>) -> Self {
        let totals = COVERAGE_GROUPS.map(|group| numpy_sum(&ages[group.ages.0..=group.ages.1]));
        Self {
            totals,
            ages,
            splits_by_population: false,
        }
    }

    /// People of each coverage group.
    pub(super) const fn by_group(&self) -> [f64; COVERAGE_GROUPS.len()] {
        self.totals
    }

    /// Whether parts of a group aren't the suite's.
    pub(super) const fn splits_by_population(&self) -> bool {
        self.splits_by_population
    }

    /// The share of a coverage group's people that some of its ages have.
    pub(super) fn share(&self, part: (usize, usize), whole: (usize, usize)) -> f64 {
        numpy_sum(&self.ages[part.0..=part.1]) / numpy_sum(&self.ages[whole.0..=whole.1])
    }
}

/// The people of each single age of a place, if the folder of data tables has the codebook and that
/// has the place.
fn from_codebook(
    place: &Place,
    sources: &DataSources,
) -> Result<Option<Vec<f64>>, VaccinationError> {
    let Some(path) = sources.table(CODEBOOK) else {
        return Ok(None);
    };
    let table = Table::read(&path)?;
    let Some(column) = table.find_column(&place.name) else {
        return Ok(None);
    };
    let mut ages = Vec::with_capacity(OLDEST_AGE + 1);
    for row in table.rows().take(OLDEST_AGE + 1) {
        let people = row.number(column, SuiteBehaviour::Latest)?;
        if people < 0.0 {
            return Err(row.invalid(column, "a number of people").into());
        }
        ages.push(people);
    }
    if ages.len() <= OLDEST_AGE {
        return Err(VaccinationError::Codebook {
            path,
            found: ages.len(),
        });
    }
    Ok(Some(ages))
}

fn built_in(place: &Place) -> Option<[f64; COVERAGE_GROUPS.len()]> {
    let abbreviation = place.location?.abbreviation;
    let line = TOTALS
        .lines()
        .find(|line| line.split(',').next() == Some(abbreviation))?;
    let mut totals = [0.0; COVERAGE_GROUPS.len()];
    for (total, text) in totals.iter_mut().zip(line.split(',').skip(1)) {
        *total = text.parse().ok()?;
    }
    Some(totals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locations::{self, find};

    fn place(name: &str) -> Place {
        Place {
            name: name.into(),
            location: find(name),
            folder: name.into(),
            contact_source: "mistry_2021".into(),
        }
    }

    #[test]
    fn every_location_with_a_population_has_people_of_every_group() {
        for location in locations::all() {
            let totals = built_in(&place(location.epydemix)).unwrap();
            assert!(
                totals.iter().all(|&people| people > 20_000.0),
                "{}",
                location.name
            );
        }
        assert_eq!(built_in(&place("Harbour_Island")), None);
    }

    #[test]
    fn massachusetts_has_the_suites_people() {
        let total: f64 = built_in(&place("United_States_Massachusetts"))
            .unwrap()
            .iter()
            .sum();
        assert_eq!(total, 7_233_476.0);
    }
}
