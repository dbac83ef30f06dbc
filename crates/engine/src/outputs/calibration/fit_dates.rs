//! What was observed on every date of the fitting window, and what the last generation simulated.

use super::checked::CheckedCalibration;
use super::tables::{labelled, sorted_data};
use crate::calibration::CalibrationResult;
use crate::calibration::abc::Generation;
use crate::outputs::plain::PlainTable;
use crate::outputs::quantile::quantile_of_sorted;

/// The quantiles, and the columns that have them.
const LEVELS: [(&str, f64); 5] = [
    ("q0.025", 0.025),
    ("q0.25", 0.25),
    ("q0.5", 0.5),
    ("q0.75", 0.75),
    ("q0.975", 0.975),
];

/// One row a date of the observations. A date without simulated data has no quantiles.
pub(super) fn table(
    result: &CalibrationResult,
    generation: &Generation,
    checked: &CheckedCalibration,
) -> PlainTable {
    let dates = &result.observed.dates;
    let simulated: Vec<Vec<f64>> = (0..dates.len())
        .map(|date| sorted_data(generation, date))
        .collect();
    let table = labelled("fit_dates", dates.len(), checked)
        .text("date", dates.clone())
        .same_text("observation", &result.observed.column)
        .double("observed", checked.observed.clone());
    LEVELS.iter().fold(table, |table, &(name, level)| {
        let quantiles = simulated
            .iter()
            .map(|values| quantile_of_sorted(values, level).unwrap_or(f64::NAN));
        table.double(name, quantiles.collect())
    })
}
