//! The weighted interval score (J. Bracher et al., "Evaluating epidemic forecasts in an interval
//! format", PLOS Computational Biology, 2021).

use super::quantile::quantile_of_sorted;

/// How a forecast fared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Forecast {
    pub(super) median: f64,
    /// The score's part from how wide the intervals are.
    pub(super) dispersion: f64,
    /// The score's part from intervals below the observation.
    pub(super) under: f64,
    /// The score's part from intervals above it.
    pub(super) over: f64,
    pub(super) absolute_error: f64,
    pub(super) is_in_50: bool,
    pub(super) is_in_95: bool,
}

impl Forecast {
    /// Scores a sample of a forecast against an observation. The levels are the median's and pairs
    /// around it, ascending.
    pub(super) fn new(mut sample: Vec<f64>, levels: &[f64], observed: f64) -> Self {
        sample.sort_unstable_by(f64::total_cmp);
        let quantile = |level| quantile_of_sorted(&sample, level).unwrap_or(f64::NAN);
        let (median, n_pairs) = (quantile(0.5), levels.len() / 2);
        let (mut dispersion, mut under, mut over) = (0.0, 0.0, 0.0);
        for (&lower, &upper) in levels.iter().zip(levels.iter().rev()).take(n_pairs) {
            // The share outside the interval weighs it, and cancels in the penalties.
            let (weight, low, high) = (
                (1.0 - (upper - lower)) / 2.0,
                quantile(lower),
                quantile(upper),
            );
            dispersion += weight * (high - low);
            over += (low - observed).max(0.0);
            under += (observed - high).max(0.0);
        }
        // The median is an interval without width.
        over += (median - observed).max(0.0) / 2.0;
        under += (observed - median).max(0.0) / 2.0;
        #[expect(clippy::cast_precision_loss, reason = "a dozen")]
        let total = n_pairs as f64 + 0.5;
        let is_in = |low, high| (quantile(low)..=quantile(high)).contains(&observed);
        Self {
            median,
            dispersion: dispersion / total,
            under: under / total,
            over: over / total,
            absolute_error: (observed - median).abs(),
            is_in_50: is_in(0.25, 0.75),
            is_in_95: is_in(0.025, 0.975),
        }
    }

    /// The weighted interval score.
    pub(super) fn score(&self) -> f64 {
        self.dispersion + self.under + self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice the mean quantile loss is the weighted interval score (Bracher et al., section 2.2).
    fn by_quantile_loss(sample: &[f64], levels: &[f64], observed: f64) -> f64 {
        let loss = |&level: &f64| {
            let quantile = quantile_of_sorted(sample, level).unwrap();
            let is_above = f64::from(u8::from(observed <= quantile));
            2.0 * (is_above - level) * (quantile - observed)
        };
        levels.iter().map(loss).sum::<f64>() / levels.len() as f64
    }

    #[test]
    fn the_score_is_twice_the_mean_quantile_loss() {
        let levels = crate::schema::output::FLUSIGHT_QUANTILES;
        let sample: Vec<f64> = (0..57).map(|n| f64::from(n * n % 61) + 3.0).collect();
        let mut sorted = sample.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        for observed in [-5.0, 3.0, 20.5, 31.0, 63.0, 200.0] {
            let forecast = Forecast::new(sample.clone(), &levels, observed);
            let expected = by_quantile_loss(&sorted, &levels, observed);
            assert!((forecast.score() - expected).abs() < 1e-12, "{observed}");
        }
    }

    #[test]
    fn a_forecast_that_is_right_costs_nothing() {
        let forecast = Forecast::new(vec![7.0; 10], &[0.25, 0.5, 0.75], 7.0);
        assert_eq!((forecast.score(), forecast.absolute_error), (0.0, 0.0));
        assert!(forecast.is_in_50 && forecast.is_in_95);
    }
}
