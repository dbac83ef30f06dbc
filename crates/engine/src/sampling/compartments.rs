//! Initial proportions of several compartments that must sum to at most 1.

use crate::numpy_sum::numpy_sum;
use crate::schema::modelset::sampling::CompartmentRange;

/// Everybody.
const TOTAL: f64 = 1.0;
/// By how much a sum may miss its target.
const TOLERANCE: f64 = 1e-12;
/// Halvings of the search for the water line.
const MAX_HALVINGS: u32 = 100;

/// The least proportions sum to more than everybody.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the compartments' `min` sum to `{sum}`, more than the whole population (1)")]
pub struct InfeasibleProportions {
    /// Their sum.
    pub sum: f64,
}

/// How uniform numbers become proportions.
///
/// Every compartment has its least proportion. What it gets beyond that is its range times a
/// uniform number, and where all of that is more than is left, the nearest increments (in the
/// Euclidean sense) that exhaust what is left.
pub(super) struct Proportions {
    mins: Vec<f64>,
    /// Greatest increments.
    caps: Vec<f64>,
    /// What the least proportions leave.
    budget: f64,
}

impl Proportions {
    pub(super) fn new(ranges: &[CompartmentRange]) -> Result<Self, InfeasibleProportions> {
        let mins: Vec<f64> = ranges.iter().map(|range| range.min).collect();
        let sum = numpy_sum(&mins);
        if sum > TOTAL + TOLERANCE {
            return Err(InfeasibleProportions { sum });
        }
        let caps = ranges.iter().map(|range| range.max - range.min).collect();
        Ok(Self {
            mins,
            caps,
            budget: TOTAL - sum,
        })
    }

    /// The proportions at a point of the unit cube.
    pub(super) fn at(&self, point: &[f64]) -> Vec<f64> {
        let wanted: Vec<f64> = self
            .caps
            .iter()
            .zip(point)
            .map(|(cap, u)| cap * u)
            .collect();
        let increments = if numpy_sum(&wanted) <= self.budget + TOLERANCE {
            wanted
        } else {
            self.project(&wanted)
        };
        self.mins
            .iter()
            .zip(increments)
            .map(|(min, increment)| min + increment)
            .collect()
    }

    /// Lowers every increment by the same amount, but not below zero, so that they sum to the
    /// budget: the projection onto a capped simplex, found by bisection.
    fn project(&self, wanted: &[f64]) -> Vec<f64> {
        let differences = wanted
            .iter()
            .zip(&self.caps)
            .map(|(wanted, cap)| wanted - cap);
        let mut low = differences.fold(f64::INFINITY, f64::min);
        let mut high = wanted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut lowered = wanted.to_vec();
        for _ in 0..MAX_HALVINGS {
            let line = 0.5 * (low + high);
            for ((lowered, wanted), cap) in lowered.iter_mut().zip(wanted).zip(&self.caps) {
                *lowered = (wanted - line).max(0.0).min(*cap);
            }
            let sum = numpy_sum(&lowered);
            if (sum - self.budget).abs() <= TOLERANCE {
                break;
            }
            if sum > self.budget {
                low = line;
            } else {
                high = line;
            }
        }
        lowered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(bounds: &[(f64, f64)]) -> Vec<CompartmentRange> {
        bounds
            .iter()
            .map(|&(min, max)| CompartmentRange {
                compartment: String::new(),
                min,
                max,
            })
            .collect()
    }

    #[test]
    fn proportions_within_the_budget_are_left_alone() {
        let proportions = Proportions::new(&ranges(&[(0.1, 0.3), (0.0, 0.2)])).unwrap();
        assert_eq!(proportions.at(&[0.5, 0.25]), [0.2, 0.05]);
    }

    #[test]
    fn proportions_beyond_the_budget_are_cut_to_everybody_and_keep_their_bounds() {
        let bounds = ranges(&[(0.2, 0.9), (0.1, 0.8), (0.0, 0.05)]);
        let proportions = Proportions::new(&bounds).unwrap().at(&[0.9, 0.8, 0.999]);
        assert!((proportions.iter().sum::<f64>() - 1.0).abs() <= 1e-12);
        for (proportion, range) in proportions.iter().zip(&bounds) {
            assert!((range.min..=range.max).contains(proportion));
        }
    }

    #[test]
    fn least_proportions_above_everybody_are_refused() {
        let error = Proportions::new(&ranges(&[(0.7, 0.9), (0.6, 0.8)]))
            .err()
            .unwrap();
        assert!((error.sum - 1.3).abs() < 1e-12);
    }
}
