//! Where contact matrices come from, and the age bins that each source has.

use super::age_groups::{AgeGroup, OLDEST_AGE};
use super::error::PopulationError;

/// The sources that epydemix 1.5 knows.
pub(crate) const SOURCES: [&str; 4] = ["prem_2017", "prem_2021", "mistry_2021", "litvinova_2025"];

/// The age bins of a source's rows and columns, as `(first age, last age)`.
///
/// Mistry et al. 2021 has single years up to 84 and older. The others have sixteen bins of five
/// years, the last being 75 and older.
pub(crate) fn bins(source: &str) -> Option<Vec<(usize, usize)>> {
    match source {
        "mistry_2021" => Some((0..=OLDEST_AGE).map(|age| (age, age)).collect()),
        "prem_2017" | "prem_2021" | "litvinova_2025" => {
            let width = |first| (first, if first == 75 { OLDEST_AGE } else { first + 4 });
            Some((0..=75).step_by(5).map(width).collect())
        }
        _ => None,
    }
}

/// The group that each bin belongs to: index into `groups`, for every one of `bins`.
pub(crate) fn group_of_bins(
    source: &str,
    bins: &[(usize, usize)],
    groups: &[AgeGroup],
) -> Result<Vec<usize>, PopulationError> {
    bins.iter()
        .map(|&(first, last)| {
            groups
                .iter()
                .position(|group| group.contains(first) && group.contains(last))
                .ok_or_else(|| PopulationError::SplitBin {
                    source_name: source.to_owned(),
                    bin: if last == OLDEST_AGE {
                        format!("{first}+")
                    } else {
                        format!("{first}-{last}")
                    },
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_bins_that_hold_every_age_once() {
        for source in SOURCES {
            let bins = bins(source).unwrap();
            let ages: Vec<usize> = bins
                .iter()
                .flat_map(|&(first, last)| first..=last)
                .collect();
            assert_eq!(ages, (0..=OLDEST_AGE).collect::<Vec<_>>(), "{source}");
        }
        assert_eq!(bins("prem_2021").unwrap().len(), 16);
        assert_eq!(bins("elsewhere"), None);
    }

    #[test]
    fn a_group_that_cuts_a_bin_names_the_bin() {
        let groups: Vec<AgeGroup> = ["0-17", "18+"]
            .into_iter()
            .map(|label| label.parse().unwrap())
            .collect();
        let bins = bins("prem_2017").unwrap();
        let error = group_of_bins("prem_2017", &bins, &groups).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the contact matrices of `prem_2017` have a bin `15-19` that the age groups cut"
        );
    }
}
