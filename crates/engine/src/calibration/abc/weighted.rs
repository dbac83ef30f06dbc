//! Choosing by weight.

use epycloud_kernel::random::Pcg64;

use crate::numpy_sum::numpy_sum;

/// Chooses an index with a probability proportional to its weight, as
/// `Generator.choice(n, p=weights / weights.sum())` does it.
#[derive(Debug, Clone)]
pub struct WeightedChoice {
    cumulative: Vec<f64>,
}

impl WeightedChoice {
    /// A choice by weights, or `None` when there is nothing to choose: no weight, or none above
    /// zero.
    #[must_use]
    pub fn new(weights: &[f64]) -> Option<Self> {
        let total = numpy_sum(weights);
        let valid = total > 0.0 && weights.iter().all(|&weight| weight >= 0.0);
        if !valid {
            return None;
        }
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight / total;
                sum
            })
            .collect();
        for value in &mut cumulative {
            *value /= sum;
        }
        Some(Self { cumulative })
    }

    /// Chooses an index.
    pub fn draw(&self, rng: &mut Pcg64) -> usize {
        let u = rng.next_double();
        self.cumulative
            .partition_point(|&cumulative| cumulative <= u)
            .min(self.cumulative.len() - 1)
    }
}

/// Kish's effective sample size of weighted particles: as many as an unweighted sample of the same
/// precision has.
#[must_use]
pub fn effective_sample_size(weights: &[f64]) -> f64 {
    let squares: Vec<f64> = weights.iter().map(|weight| weight * weight).collect();
    let total = numpy_sum(weights);
    total * total / numpy_sum(&squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From numpy 2.4.6: `rng = default_rng(3)`, then `rng.choice(4, p=[.1, .2, .3, .4])` ten times.
    #[test]
    fn choices_equal_numpys() {
        let choice = WeightedChoice::new(&[0.1, 0.2, 0.3, 0.4]).unwrap();
        let mut rng = Pcg64::new(3);
        let chosen: Vec<usize> = (0..10).map(|_| choice.draw(&mut rng)).collect();
        assert_eq!(chosen, [0, 1, 3, 2, 0, 2, 2, 1, 3, 1]);
    }

    #[test]
    fn nothing_to_choose_from_is_no_choice() {
        assert!(WeightedChoice::new(&[]).is_none());
        assert!(WeightedChoice::new(&[0.0, 0.0]).is_none());
        assert!(WeightedChoice::new(&[1.0, f64::NAN]).is_none());
    }

    #[test]
    fn equal_weights_count_in_full() {
        assert!((effective_sample_size(&[0.25; 4]) - 4.0).abs() < 1e-12);
        assert!((effective_sample_size(&[1.0, 0.0, 0.0]) - 1.0).abs() < 1e-12);
    }
}
