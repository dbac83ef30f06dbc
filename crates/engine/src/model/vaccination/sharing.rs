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
