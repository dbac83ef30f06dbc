//! Seasonal forcing after Balcan et al. 2010, equation 25
//! (<https://doi.org/10.1016/j.jocs.2010.07.002>).

use std::f64::consts::PI;

use super::error::ModelError;
use super::steps::Steps;
use crate::calendar;
use crate::schema::basemodel::Seasonality;

const SECONDS_PER_DAY: f64 = 86_400.0;
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// The factor of every step: 1 at the peak, `min_value / max_value` at the trough.
///
/// The order of operations is the suite's (`seasonality.py`); time counts in steps from the
/// simulation's first day. The sine is the C library's, as it is numpy's.
pub(crate) fn factors(seasonality: &Seasonality, steps: &Steps) -> Result<Vec<f64>, ModelError> {
    let since_start =
        |date| days((calendar::day_number(date) - steps.first_day) * MICROSECONDS_PER_DAY);
    let peak = since_start(seasonality.seasonality_max_date);
    let period = match seasonality.seasonality_min_date {
        Some(date) => 2.0 * (since_start(date) - peak).abs(),
        None => 365.0,
    };
    if period == 0.0 || seasonality.max_value == 0.0 {
        return Err(ModelError::Seasonality {
            parameter: seasonality.target_parameter.clone(),
            reason: if period == 0.0 {
                "the dates of its peak and its trough are the same"
            } else {
                "`max_value` is 0"
            },
        });
    }
    let (peak, period) = (peak / steps.delta_t, period / steps.delta_t);
    let ratio = seasonality.min_value / seasonality.max_value;
    let factor = |step: usize| {
        let time = days(steps.microseconds(step)) / steps.delta_t;
        let angle = (2.0 * PI / period) * (time - peak) + (PI / 2.0);
        ((1.0 - ratio) * angle.sin() + 1.0 + ratio) / 2.0
    };
    Ok((0..steps.n).map(factor).collect())
}

/// Python's `timedelta.total_seconds() / 86400`.
#[expect(clippy::cast_precision_loss, reason = "below 2^53 for three centuries")]
fn days(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6 / SECONDS_PER_DAY
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    fn seasonality(min_date: Option<Date>) -> Seasonality {
        Seasonality {
            target_parameter: "beta".into(),
            seasonality_max_date: Date::constant(2024, 10, 1),
            seasonality_min_date: min_date,
            max_value: 1.0,
            min_value: 0.5,
        }
    }

    #[test]
    fn the_factor_is_1_at_the_peak_and_the_ratio_at_the_trough() {
        let steps =
            Steps::new(Date::constant(2024, 8, 5), Date::constant(2025, 8, 5), 1.0).unwrap();
        let factors = factors(&seasonality(Some(Date::constant(2025, 4, 1))), &steps).unwrap();
        assert_eq!(factors.len(), steps.n);
        assert_eq!(factors[57], 1.0);
        assert_eq!(factors[57 + 182], 0.5);
    }

    #[test]
    fn a_trough_on_the_day_of_the_peak_is_an_error() {
        let steps =
            Steps::new(Date::constant(2024, 8, 5), Date::constant(2025, 8, 5), 1.0).unwrap();
        let error = factors(&seasonality(Some(Date::constant(2024, 10, 1))), &steps).unwrap_err();
        assert_eq!(
            error.to_string(),
            "seasonality of `beta`: the dates of its peak and its trough are the same"
        );
    }
}
