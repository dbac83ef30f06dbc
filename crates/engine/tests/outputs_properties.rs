//! Properties of quantiles that hold for any sample.

use epycloud_engine::outputs::{python_float, quantile_of_sorted};
use proptest::prelude::*;

/// Sorted counts, as floating point.
fn counts() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0_u32..=u32::MAX, 1..60).prop_map(|mut counts| {
        counts.sort_unstable();
        counts.into_iter().map(f64::from).collect()
    })
}

proptest! {
    #[test]
    fn quantiles_rise_with_their_level(
        sorted in counts(),
        levels in (0.0_f64..=1.0, 0.0_f64..=1.0),
    ) {
        let (low, high) = (levels.0.min(levels.1), levels.0.max(levels.1));
        prop_assert!(quantile_of_sorted(&sorted, low) <= quantile_of_sorted(&sorted, high));
    }

    #[test]
    fn quantiles_stay_within_the_sample(sorted in counts(), level in 0.0_f64..=1.0) {
        let quantile = quantile_of_sorted(&sorted, level).unwrap();
        prop_assert!(sorted[0] <= quantile && quantile <= sorted[sorted.len() - 1]);
    }

    #[test]
    fn the_extremes_and_the_median_are_values(sorted in counts()) {
        prop_assert_eq!(quantile_of_sorted(&sorted, 0.0), Some(sorted[0]));
        prop_assert_eq!(quantile_of_sorted(&sorted, 1.0), sorted.last().copied());
        if !sorted.len().is_multiple_of(2) {
            prop_assert_eq!(quantile_of_sorted(&sorted, 0.5), Some(sorted[sorted.len() / 2]));
        }
    }

    #[test]
    fn written_floats_read_back_as_themselves(value in any::<f64>()) {
        let text = python_float(value);
        let read: f64 = text.parse().unwrap();
        prop_assert!(read.to_bits() == value.to_bits() || value.is_nan());
    }
}
