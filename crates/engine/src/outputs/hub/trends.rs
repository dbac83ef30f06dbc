//! Rate trends: how probably admissions rise or fall.
//!
//! A trajectory's category compares its admissions per 100,000 people with those observed in the
//! week before the reference date (FluSight's model-output README, appendix 1).

use epycloud_config::SuiteBehaviour;
use jiff::civil::Date;

use super::row::{HubRow, OutputType, end_of};
use super::rules::TRENDS;

pub(super) const TARGET: &str = "wk flu hosp rate change";
const PER: f64 = 100_000.0;
/// Smaller changes are stable, whatever the rate.
const FEWEST: f64 = 10.0;
/// For horizons 0 to 3: the rate below which a change is stable, and from which it is large.
const THRESHOLDS: [(f64, f64); 4] = [(0.3, 1.7), (0.5, 3.0), (0.7, 4.0), (1.0, 5.0)];

/// What changes are measured against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Baseline {
    /// Admissions observed in the week before the reference date.
    pub(super) observed: f64,
    pub(super) people: f64,
    pub(super) behaviour: SuiteBehaviour,
}

impl Baseline {
    /// The index in [`TRENDS`] of a trajectory's category. Operations are in the suite's order.
    fn category(self, admissions: f64, horizon: usize) -> usize {
        let (mut stable, mut large) = THRESHOLDS[horizon];
        if self.behaviour == SuiteBehaviour::V0_1_0 {
            // The release divides the thresholds by the people that the rates are per, too.
            (stable, large) = (stable / PER, large / PER);
        }
        let rate = (PER / self.people) * admissions - PER * self.observed / self.people;
        let count = admissions - self.observed;
        if rate.abs() < stable || count.abs() < FEWEST {
            2
        } else if rate >= large {
            4
        } else if rate > 0.0 {
            3
        } else if rate > -large {
            1
        } else {
            0
        }
    }

    /// The rows of a place: for each horizon from 0, the share of trajectories in each category.
    /// `admissions` has the trajectories of each horizon.
    pub(super) fn rows(
        self,
        location: &str,
        reference_date: Date,
        admissions: &[Vec<f64>],
    ) -> Vec<HubRow> {
        let mut rows = Vec::with_capacity(admissions.len() * TRENDS.len());
        for (horizon, trajectories) in admissions.iter().enumerate() {
            let mut counts = [0_u32; TRENDS.len()];
            for &value in trajectories {
                counts[self.category(value, horizon)] += 1;
            }
            #[expect(clippy::cast_precision_loss, reason = "trajectories are few")]
            let n = trajectories.len() as f64;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_possible_wrap,
                reason = "0 to 3"
            )]
            let horizon = horizon as i32;
            rows.extend(TRENDS.iter().zip(counts).map(|(category, count)| HubRow {
                location: location.to_owned(),
                reference_date,
                horizon,
                target_end_date: end_of(reference_date, horizon),
                target: TARGET.to_owned(),
                output_type: OutputType::Pmf,
                output_type_id: (*category).to_owned(),
                value: f64::from(count) / n,
            }));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(behaviour: SuiteBehaviour, admissions: f64, horizon: usize) -> &'static str {
        let baseline = Baseline {
            observed: 100.0,
            people: 1_000_000.0,
            behaviour,
        };
        TRENDS[baseline.category(admissions, horizon)]
    }

    #[test]
    fn categories_follow_the_hubs_thresholds() {
        let latest = |admissions, horizon| category(SuiteBehaviour::Latest, admissions, horizon);
        // Rates are a tenth of counts; fewer than ten people are stable.
        assert_eq!(latest(109.0, 0), "stable");
        assert_eq!(latest(110.0, 0), "increase");
        assert_eq!(latest(117.0, 0), "large_increase");
        assert_eq!(latest(90.0, 0), "decrease");
        assert_eq!(latest(82.0, 0), "large_decrease");
        assert_eq!(latest(117.0, 1), "increase");
        assert_eq!(latest(129.0, 1), "increase");
        assert_eq!(latest(131.0, 1), "large_increase");
        assert_eq!(latest(149.0, 3), "increase");
        assert_eq!(latest(50.0, 3), "large_decrease");
    }

    #[test]
    fn the_old_release_has_only_stable_and_large() {
        let old = |admissions| category(SuiteBehaviour::V0_1_0, admissions, 3);
        assert_eq!(old(109.0), "stable");
        assert_eq!(old(111.0), "large_increase");
        assert_eq!(old(89.0), "large_decrease");
    }
}
