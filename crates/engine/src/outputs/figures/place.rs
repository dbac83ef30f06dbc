//! What figures show of one task, which is all that is kept of it.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use plotters::style::RGBColor;

use super::day;
use super::fans::{Fan, FanPanel};
use super::posterior::{Histogram, histograms};
use crate::calibration::CalibrationResult;
use crate::outputs::calibration::{CheckedCalibration, CheckedProjection, sorted_data};
use crate::outputs::chart::place as place_name;
use crate::outputs::column::Column;
use crate::outputs::quantile::quantile_of_sorted;
use crate::schema::output::{PlotsOutput, QuantilePanel, QuantileVariant, SurveillanceSource};

/// How many trajectories are drawn.
pub(super) const N_LINES: usize = 60;

/// A task.
pub(super) struct Place {
    pub(super) population: String,
    pub(super) title: String,
    calibration: Option<Fan>,
    projection: Option<Fan>,
    window: Option<(f64, f64)>,
    /// By the source's name.
    observed: BTreeMap<String, Vec<(Date, f64)>>,
    pub(super) histograms: Vec<Histogram>,
    /// Days of the trajectories.
    pub(super) days: Vec<f64>,
    /// The first trajectories.
    pub(super) trajectories: Vec<Vec<f64>>,
}

impl Place {
    pub(super) fn new(
        config: &PlotsOutput,
        result: &CalibrationResult,
        checked: &CheckedCalibration,
        mut observations: impl FnMut(&SurveillanceSource) -> Vec<(Date, f64)>,
    ) -> Self {
        let quantiles = &config.quantiles;
        let mut observed = BTreeMap::new();
        for source in quantiles
            .variants
            .iter()
            .filter_map(|variant| variant.surveillance.as_ref())
        {
            observed
                .entry(source.name.clone())
                .or_insert_with(|| observations(source));
        }
        let shown = checked.projection.as_ref().and_then(|projection| {
            let column = projection.main_column(&quantiles.value_column)?;
            Some((projection, column.clone()))
        });
        let dates = &checked.observed_dates;
        let window = dates.first().zip(dates.last());
        Self {
            population: checked.population.clone(),
            title: place_name(&checked.population),
            calibration: calibration_fan(result, checked, &quantiles.levels),
            projection: shown
                .as_ref()
                .map(|(projection, column)| projection_fan(projection, column, &quantiles.levels)),
            window: window.map(|(first, last)| (first.instant, last.instant)),
            observed,
            histograms: histograms(result, config.posterior.bins),
            days: shown.as_ref().map_or_else(Vec::new, |(projection, _)| {
                let dates = projection.label.dates.iter();
                dates.map(|date| date.instant).collect()
            }),
            trajectories: shown.map_or_else(Vec::new, |(projection, column)| {
                let n = projection.counts.n_sims.min(N_LINES);
                (0..n)
                    .map(|trajectory| projection.trajectory(trajectory, &column))
                    .collect()
            }),
        }
    }

    /// A panel of a variant.
    pub(super) fn fan_panel<'a>(
        &self,
        config: &'a PlotsOutput,
        variant: &QuantileVariant,
        panel: &QuantilePanel,
        title: &'a str,
        [calibration, projection]: [RGBColor; 2],
    ) -> FanPanel<'a> {
        let reference = config.reference_date;
        let last = variant.horizon_max.map_or(f64::INFINITY, |weeks| {
            day(reference.saturating_add((i64::from(weeks) * 7).days()))
        });
        let observed = self.observed(variant, panel, reference);
        let first = match observed.first() {
            Some((date, _)) if panel.is_filtered => day(*date),
            _ => f64::NEG_INFINITY,
        };
        let mut fans = Vec::new();
        if let (true, Some(fan)) = (variant.show_projection, &self.projection) {
            fans.push((fan.within(first, last), projection));
        }
        // On top, as it is narrower and shorter.
        if let (true, Some(fan)) = (variant.show_calibration, &self.calibration) {
            fans.push((fan.within(first, f64::INFINITY), calibration));
        }
        fans.retain(|(fan, _)| !fan.days.is_empty());
        FanPanel {
            title,
            y_title: config.quantiles.ylabel.as_deref().unwrap_or_default(),
            levels: &config.quantiles.levels,
            fans,
            observed: observed
                .iter()
                .map(|(date, value)| (day(*date), *value))
                .collect(),
            reference: day(reference),
            window: self.window.filter(|_| variant.show_fitting_window),
        }
    }

    /// The observations that a panel shows.
    fn observed(
        &self,
        variant: &QuantileVariant,
        panel: &QuantilePanel,
        reference: Date,
    ) -> Vec<(Date, f64)> {
        let source = variant.surveillance.as_ref();
        let all = source.and_then(|source| self.observed.get(&source.name));
        let Some(all) = all else {
            return Vec::new();
        };
        let n_before = all.iter().filter(|(date, _)| *date <= reference).count();
        let skipped = match (panel.start_date, panel.n_points, self.days.first()) {
            (Some(start), ..) => all.iter().filter(|(date, _)| *date < start).count(),
            (None, Some(n), _) => n_before.saturating_sub(n as usize),
            (None, None, Some(first)) if panel.is_filtered => {
                all.iter().filter(|(date, _)| day(*date) < *first).count()
            }
            _ => 0,
        };
        all[skipped..].to_vec()
    }
}

fn calibration_fan(
    result: &CalibrationResult,
    checked: &CheckedCalibration,
    levels: &[f64],
) -> Option<Fan> {
    let generation = result.generations.last()?;
    let mut fan = Fan {
        days: Vec::new(),
        quantiles: Vec::new(),
    };
    for (index, date) in checked.observed_dates.iter().enumerate() {
        fan.days.push(date.instant);
        fan.quantiles
            .push(row(&sorted_data(generation, index), levels)?);
    }
    (!fan.days.is_empty()).then_some(fan)
}

fn projection_fan(projection: &CheckedProjection, column: &Column, levels: &[f64]) -> Fan {
    let counts = &projection.counts;
    let quantiles = (0..counts.n_dates).map(|date| {
        let mut values = projection.values(date, column);
        values.sort_unstable_by(f64::total_cmp);
        row(&values, levels).unwrap_or_else(|| vec![0.0; levels.len()])
    });
    Fan {
        quantiles: quantiles.collect(),
        days: projection
            .label
            .dates
            .iter()
            .map(|date| date.instant)
            .collect(),
    }
}

/// The quantiles of sorted values; `None` if there are no values.
fn row(sorted: &[f64], levels: &[f64]) -> Option<Vec<f64>> {
    levels
        .iter()
        .map(|&level| quantile_of_sorted(sorted, level))
        .collect()
}
