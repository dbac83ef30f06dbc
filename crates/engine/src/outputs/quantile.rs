//! Quantiles by numpy's `linear` method, to the last bit.

/// Where a quantile lies among sorted values: between two of them, at a weight.
///
/// Follows `numpy.quantile(values, level, method="linear")` of numpy 2.4 in its order of
/// operations (`numpy/lib/_function_base_impl.py`: `_get_indexes`, `_get_gamma`, `_lerp`), so that
/// the results are equal, not merely close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct QuantilePosition {
    /// Index of the value below.
    pub(super) previous: usize,
    /// Index of the value above.
    pub(super) next: usize,
    /// How far the quantile is from the one to the other, 0 to 1.
    pub(super) weight: f64,
}

impl QuantilePosition {
    /// The position of a level (0 to 1) among `n_values` (at least one).
    pub(super) fn new(n_values: usize, level: f64) -> Self {
        let last = n_values.saturating_sub(1);
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of simulations are small"
        )]
        let (virtual_index, last_index) = (last as f64 * level, last as f64);
        if virtual_index >= last_index {
            return Self {
                previous: last,
                next: last,
                weight: 0.0,
            };
        }
        let floor = virtual_index.floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to last"
        )]
        let previous = floor as usize;
        Self {
            previous,
            next: previous + 1,
            weight: virtual_index - floor,
        }
    }

    /// The quantile between the two values. From the middle on, numpy counts back from the upper
    /// value, which keeps quantiles monotone in their level.
    pub(super) fn interpolate(self, previous: f64, next: f64) -> f64 {
        let difference = next - previous;
        if self.weight >= 0.5 {
            next - difference * (1.0 - self.weight)
        } else {
            previous + difference * self.weight
        }
    }

    /// The quantile of sorted values.
    pub(super) fn of(self, sorted: &[f64]) -> f64 {
        self.interpolate(sorted[self.previous], sorted[self.next])
    }
}

/// The quantile of sorted values at a level from 0 to 1, by numpy's `linear` method (Hyndman and
/// Fan's seventh), bit for bit; `None` when there are no values or the level is out of range.
///
/// ```
/// use epycloud_engine::outputs::quantile_of_sorted;
///
/// assert_eq!(quantile_of_sorted(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
/// ```
#[must_use]
pub fn quantile_of_sorted(sorted: &[f64], level: f64) -> Option<f64> {
    let valid = !sorted.is_empty() && (0.0..=1.0).contains(&level);
    valid.then(|| QuantilePosition::new(sorted.len(), level).of(sorted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_equal_those_recorded_from_numpy() {
        let sorted = [0.0, 3.0, 3.0, 17.0, 177_152.0, 177_159.0, 200_001.0];
        // numpy.quantile(sorted, level) of numpy 2.4.6
        let recorded = [
            (0.0, 0.0),
            (0.01, 0.18),
            (0.025, 0.45000000000000007),
            (0.35, 4.399999999999995),
            (0.45, 12.800000000000002),
            (0.5, 17.0),
            (0.85, 179443.19999999998),
            (0.9, 186295.80000000002),
            (0.99, 198630.47999999998),
            (1.0, 200001.0),
        ];
        for (level, quantile) in recorded {
            assert_eq!(quantile_of_sorted(&sorted, level), Some(quantile));
        }
    }

    #[test]
    fn one_value_is_every_quantile_and_none_has_none() {
        assert_eq!(quantile_of_sorted(&[5.0], 0.3), Some(5.0));
        assert_eq!(quantile_of_sorted(&[], 0.3), None);
        assert_eq!(quantile_of_sorted(&[5.0], 1.5), None);
    }
}
