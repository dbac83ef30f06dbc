//! How many people of each age live in a location.

use std::path::PathBuf;

use epycloud_config::SuiteBehaviour;

use super::age_groups::{AgeGroup, OLDEST_AGE};
use super::error::PopulationError;
use super::folder::{Place, PopulationFolder};
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
        sum(&self.ages[first..=last])
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

/// The sum as numpy adds a contiguous array (`pairwise_sum` in `loops_utils.h.src`; arrays here
/// have at most 85 elements): one by one below eight, with eight accumulators from eight on.
/// Counts of people are whole numbers, for which any order gives the same; estimates aren't.
pub(crate) fn sum(values: &[f64]) -> f64 {
    if values.len() < 8 {
        return values.iter().fold(0.0, |total, value| total + value);
    }
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = chunks[0];
    for chunk in &chunks[1..] {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    let total = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
        + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    rest.iter().fold(total, |total, value| total + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_numpys() {
        let values: Vec<f64> = (0..85)
            .map(|at| f64::from((at * 7919) % 1000) / 7.0)
            .collect();
        // bits of numpy 2.4.6's `np.sum(values[:n])`; added one by one, the second and the third
        // would be one unit more
        let recorded = [
            (7, 0x4083_3124_9249_2492_u64),
            (32, 0x40a2_c6db_6db6_db6d),
            (63, 0x40b1_30ff_ffff_ffff),
            (85, 0x40b7_57b6_db6d_b6db),
        ];
        for (n, bits) in recorded {
            assert_eq!(sum(&values[..n]).to_bits(), bits, "{n}");
        }
    }
}
