//! From the age groups of a coverage table to the model's.

use epycloud_config::SuiteBehaviour;

use super::coverage::COVERAGE_GROUPS;
use super::daily::DailyDoses;
use super::denominators::Denominators;
use super::error::VaccinationError;
use crate::population::AgeGroup;

/// For each of the model's groups, the share of each coverage group that belongs to it.
pub(super) type Weights = Vec<[f64; COVERAGE_GROUPS.len()]>;

/// The shares, by people (the suite's `make_reweighting_factors`).
///
/// In suite 0.1.0 the last group of the model gets doses of the oldest coverage group only, however
/// many others it holds.
pub(super) fn weights(
    groups: &[AgeGroup],
    people: &Denominators,
    behaviour: SuiteBehaviour,
) -> Result<Weights, VaccinationError> {
    let mut next_age = 0;
    for group in groups {
        if group.first != next_age {
            return Err(VaccinationError::Order {
                group: group.label.clone(),
            });
        }
        next_age = group.last + 1;
    }
    let last = groups.len().saturating_sub(1);
    let weights_of = |(at, group): (usize, &AgeGroup)| {
        let mut weights = [0.0; COVERAGE_GROUPS.len()];
        for (index, (weight, coverage)) in weights.iter_mut().zip(COVERAGE_GROUPS).enumerate() {
            let is_dropped = behaviour == SuiteBehaviour::V0_1_0
                && at == last
                && index + 1 < COVERAGE_GROUPS.len();
            let ages = (
                group.first.max(coverage.ages.0),
                group.last.min(coverage.ages.1),
            );
            if ages.0 <= ages.1 && !is_dropped {
                *weight = people.share(ages, coverage.ages).min(1.0);
            }
        }
        weights
    };
    Ok(groups.iter().enumerate().map(weights_of).collect())
}

/// Whether a coverage group is divided among several of the model's.
pub(super) fn has_parts(weights: &Weights) -> bool {
    weights
        .iter()
        .flatten()
        .any(|&weight| weight > 0.0 && weight < 1.0)
}

/// Shares out daily doses: `[days, 6]` to `[days, G]`.
pub(super) fn share(daily: &DailyDoses, weights: &Weights) -> DailyDoses {
    let doses = daily
        .rows()
        .flat_map(|row| {
            weights.iter().map(|weights| {
                row.iter()
                    .zip(weights)
                    .fold(0.0, |sum, (doses, weight)| sum + doses * weight)
            })
        })
        .collect();
    DailyDoses::new(daily.first_day(), weights.len(), doses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(labels: &[&str]) -> Vec<AgeGroup> {
        labels.iter().map(|label| label.parse().unwrap()).collect()
    }

    #[test]
    fn groups_get_the_share_of_their_ages() {
        let people = Denominators::for_tests(vec![10.0; 85]);
        let groups = groups(&["0-1", "2-17", "18-64", "65+"]);
        let weights = weights(&groups, &people, SuiteBehaviour::Latest).unwrap();
        assert_eq!(weights[0], [0.4, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(weights[1], [0.6, 1.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(weights[2], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        assert!(has_parts(&weights));
        let daily = DailyDoses::new(7, 6, vec![5.0, 1.0, 1.0, 2.0, 2.0, 3.0]);
        assert_eq!(
            share(&daily, &weights).of_day(7),
            Some(&[2.0, 5.0, 4.0, 3.0][..])
        );
    }

    #[test]
    fn suite_0_1_0_forgets_all_but_the_oldest_in_the_last_group() {
        let people = Denominators::for_tests(vec![10.0; 85]);
        let groups = groups(&["0-49", "50+"]);
        let last = |behaviour| weights(&groups, &people, behaviour).unwrap()[1];
        assert_eq!(last(SuiteBehaviour::Latest), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(last(SuiteBehaviour::V0_1_0), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn groups_out_of_order_are_an_error() {
        let people = Denominators::for_tests(vec![10.0; 85]);
        let error =
            weights(&groups(&["18+", "0-17"]), &people, SuiteBehaviour::Latest).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a vaccination schedule needs age groups in order of age, but `18+` is not in order"
        );
    }
}
