//! Age groups such as `5-17` and `65+`.

use std::fmt;
use std::str::FromStr;

use super::error::PopulationError;

/// The last single age of the data; it stands for everybody of this age and older.
pub(crate) const OLDEST_AGE: usize = 84;

/// Whole years of age from `first` to `last`, both included; `last` is [`OLDEST_AGE`] for a group
/// without an upper end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgeGroup {
    /// As the experiment writes it.
    pub(crate) label: String,
    /// Youngest age.
    pub(crate) first: usize,
    /// Oldest age.
    pub(crate) last: usize,
}

impl AgeGroup {
    /// Reads an experiment's age groups, which must hold every age exactly once.
    pub(crate) fn parse_all(labels: &[String]) -> Result<Vec<Self>, PopulationError> {
        let groups: Vec<Self> = labels
            .iter()
            .map(|label| label.parse())
            .collect::<Result<_, _>>()?;
        for age in 0..=OLDEST_AGE {
            let n_holding = groups.iter().filter(|group| group.contains(age)).count();
            if n_holding != 1 {
                return Err(PopulationError::AgeInGroups {
                    age,
                    n_groups: n_holding,
                });
            }
        }
        Ok(groups)
    }

    /// Whether an age belongs to it.
    pub(crate) const fn contains(&self, age: usize) -> bool {
        self.first <= age && age <= self.last
    }
}

impl FromStr for AgeGroup {
    type Err = PopulationError;

    fn from_str(label: &str) -> Result<Self, Self::Err> {
        let bounds = match label.strip_suffix('+') {
            Some(first) => first.parse().ok().map(|first| (first, OLDEST_AGE)),
            // The age 84 of the data is open-ended, so no group can end with it.
            None => label.split_once('-').and_then(|(first, last)| {
                Some((
                    first.parse().ok()?,
                    last.parse().ok().filter(|&last| last < OLDEST_AGE)?,
                ))
            }),
        };
        match bounds {
            Some((first, last)) if first <= last => Ok(Self {
                label: label.to_owned(),
                first,
                last,
            }),
            _ => Err(PopulationError::AgeGroup {
                label: label.to_owned(),
            }),
        }
    }
}

impl fmt::Display for AgeGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(labels: &[&str]) -> Result<Vec<AgeGroup>, PopulationError> {
        AgeGroup::parse_all(
            &labels
                .iter()
                .map(|&label| label.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn labels_are_ranges_of_ages() {
        let groups = parse(&["0-4", "5-17", "18-83", "84+"]).unwrap();
        let bounds: Vec<_> = groups
            .iter()
            .map(|group| (group.first, group.last))
            .collect();
        assert_eq!(bounds, [(0, 4), (5, 17), (18, 83), (84, 84)]);
        for label in ["5", "5-", "9-5", "80-84", "85+", "-5-9", "a-b", ""] {
            assert!(label.parse::<AgeGroup>().is_err(), "{label}");
        }
    }

    #[test]
    fn every_age_is_in_exactly_one_group() {
        let gap = parse(&["0-4", "6+"]).unwrap_err();
        assert_eq!(gap.to_string(), "age 5 is in none of the age groups");
        let overlap = parse(&["0-5", "5+"]).unwrap_err();
        assert_eq!(overlap.to_string(), "age 5 is in 2 of the age groups");
    }
}
