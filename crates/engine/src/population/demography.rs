//! How many people of each age live in a location.

use std::path::PathBuf;

use epycloud_config::SuiteBehaviour;

use super::age_groups::{AgeGroup, OLDEST_AGE};
use super::error::PopulationError;
use super::folder::{Place, PopulationFolder};
use crate::numpy_sum::numpy_sum;
use crate::tables::Table;

/// The age distribution of a location.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Demography {
    /// The file it is from.
    pub(crate) path: PathBuf,
    /// People of each single age: `[85]`.
    pub(crate) ages: Vec<f64>,
}

/// Reads `age_distribution.csv`: ages 0 to 83 and `84+`, in this order.
pub(crate) fn read(
    folder: &PopulationFolder,
    place: &Place,
    behaviour: SuiteBehaviour,
) -> Result<Demography, PopulationError> {
    let path = folder.demography(place);
    if !path.is_file() {
        return Err(PopulationError::NoDemography {
            location: place.name.clone(),
            path,
        });
    }
    let table = Table::read(&path)?;
    let (name, value) = (table.column("group_name")?, table.column("value")?);
    let mut ages = Vec::with_capacity(OLDEST_AGE + 1);
    for row in table.rows() {
        if ages.len() > OLDEST_AGE {
            return Err(row
                .invalid(name, "an age: those before are all there are")
                .into());
        }
        let age = age_name(ages.len());
        if row.text(name) != age {
            return Err(row.invalid(name, format!("`{age}`, the next age")).into());
        }
        let people = row.number(value, behaviour)?;
        if !people.is_finite() || people < 0.0 {
            return Err(row.invalid(value, "a number of people").into());
        }
        ages.push(people);
    }
    if ages.len() <= OLDEST_AGE {
        return Err(PopulationError::MissingAge {
            path,
            age: age_name(ages.len()),
        });
    }
    Ok(Demography { path, ages })
}

fn age_name(age: usize) -> String {
    if age < OLDEST_AGE {
        age.to_string()
    } else {
        format!("{OLDEST_AGE}+")
    }
}

impl Demography {
    /// People of the ages from `first` to `last`.
    pub(crate) fn people(&self, first: usize, last: usize) -> f64 {
        numpy_sum(&self.ages[first..=last])
    }

    /// People in each group: `[G]`.
    pub(crate) fn group_sizes(&self, groups: &[AgeGroup]) -> Result<Vec<f64>, PopulationError> {
        groups
            .iter()
            .map(|group| match self.people(group.first, group.last) {
                0.0 => Err(PopulationError::EmptyGroup {
                    path: self.path.clone(),
                    group: group.label.clone(),
                }),
                people => Ok(people),
            })
            .collect()
    }
}
