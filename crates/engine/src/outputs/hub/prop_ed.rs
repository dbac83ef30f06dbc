//! The share of emergency visits, from forecast admissions.

use jiff::ToSpan;
use jiff::civil::Date;

use super::error::HubFault;
use super::observations::Observations;
use crate::calibration::CalibrationResult;
use crate::model::DataSources;
use crate::outputs::calibration::{CheckedCalibration, sorted_data};
use crate::outputs::quantile::quantile_of_sorted;
use crate::schema::output::PropEdStrategy;

/// What admissions are multiplied by; nothing for shares that were projected themselves.
///
/// # Errors
/// When there is nothing to fit to.
pub(super) fn factor(
    strategy: &PropEdStrategy,
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    observations: &mut Observations,
    sources: &DataSources,
) -> Result<Option<f64>, HubFault> {
    let population = &checked.population;
    let (emergency, admissions, name) = match strategy {
        PropEdStrategy::Transition { .. } => return Ok(None),
        PropEdStrategy::SurveillanceWindow {
            emergency,
            hospital,
            fit_start,
            fit_end,
        } => {
            let is_within = |(date, _): &(Date, f64)| (*fit_start..*fit_end).contains(date);
            let mut within = |source| -> Result<Vec<(Date, f64)>, HubFault> {
                let values = observations.of(source, population, sources)?;
                Ok(values.iter().copied().filter(is_within).collect())
            };
            (within(emergency)?, within(hospital)?, &emergency.name)
        }
        PropEdStrategy::CalibrationWindow { emergency, n_weeks } => {
            let medians = last_medians(result, checked, *n_weeks)?;
            let observed = observations.of(emergency, population, sources)?.to_vec();
            (observed, medians, &emergency.name)
        }
    };
    best_factor(&emergency, &admissions)
        .map(Some)
        .ok_or_else(|| HubFault::NothingToFit {
            name: name.clone(),
            location: population.clone(),
        })
}

/// The medians of the calibration's simulated data over its last weeks.
fn last_medians(
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    n_weeks: u32,
) -> Result<Vec<(Date, f64)>, HubFault> {
    let generation = result.generations.last().ok_or(HubFault::NoData)?;
    let dates = &checked.observed_dates;
    let last = dates.last().ok_or(HubFault::NoData)?.date();
    let first = last.saturating_sub((7 * (i64::from(n_weeks) - 1)).days());
    let mut medians = Vec::new();
    for (index, date) in dates.iter().enumerate() {
        if date.date() >= first {
            let median = quantile_of_sorted(&sorted_data(generation, index), 0.5);
            medians.push((date.date(), median.ok_or(HubFault::NoData)?));
        }
    }
    Ok(medians)
}

/// The factor that turns admissions into shares with the least squares of errors, over the dates
/// that both have.
fn best_factor(shares: &[(Date, f64)], admissions: &[(Date, f64)]) -> Option<f64> {
    let (mut product, mut square) = (0.0, 0.0);
    for (date, share) in shares {
        for (_, count) in admissions.iter().filter(|(other, _)| other == date) {
            product += share * count;
            square += count * count;
        }
    }
    (square > 0.0).then(|| product / square)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_factor_is_the_least_squares_one_over_common_dates() {
        let day = |day| date(2024, 12, day);
        let shares = [(day(1), 0.01), (day(8), 0.02), (day(15), 0.5)];
        let admissions = [(day(8), 20.0), (day(1), 10.0), (day(22), 7.0)];
        let factor = best_factor(&shares, &admissions).unwrap();
        assert!((factor - 0.5 / 500.0).abs() < 1e-15, "{factor}");
        assert_eq!(best_factor(&shares, &[]), None);
    }
}
