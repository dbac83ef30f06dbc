//! Quantile fans against observations.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::series::DashedLineSeries;
use plotters::style::{Color, RGBColor};

use super::DrawError;
use super::panel::{Frame, inner_width, number_label, ticks};
use super::sheet::{LegendEntry, Mark};
use crate::outputs::chart::axis::TimeAxis;
use crate::outputs::chart::{Area, FAINT_INK, INK};

/// Quantiles over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fan {
    /// Days since 1970-01-01, ascending.
    pub(super) days: Vec<f64>,
    /// For each day, the quantiles at the levels.
    pub(super) quantiles: Vec<Vec<f64>>,
}

impl Fan {
    /// The days within a range.
    pub(super) fn within(&self, first: f64, last: f64) -> Self {
        let kept = self.days.iter().zip(&self.quantiles);
        let kept = kept.filter(|(day, _)| (first..=last).contains(*day));
        let (days, quantiles) = kept.map(|(day, row)| (*day, row.clone())).unzip();
        Self { days, quantiles }
    }
}

/// What a panel of fans shows.
pub(super) struct FanPanel<'a> {
    pub(super) title: &'a str,
    pub(super) y_title: &'a str,
    pub(super) levels: &'a [f64],
    pub(super) fans: Vec<(Fan, RGBColor)>,
    /// Day and value.
    pub(super) observed: Vec<(f64, f64)>,
    pub(super) reference: f64,
    pub(super) window: Option<(f64, f64)>,
}

impl FanPanel<'_> {
    pub(super) fn draw(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let fan_days = self.fans.iter().flat_map(|(fan, _)| fan.days.iter());
        let days = fan_days.chain(self.observed.iter().map(|(day, _)| day));
        let (first, last) = extent(days.copied());
        let (first, last) = (first - 2.0, last.max(self.reference) + 2.0);
        let tops = self.fans.iter().flat_map(|(fan, _)| &fan.quantiles);
        let tops = tops
            .flatten()
            .chain(self.observed.iter().map(|(_, value)| value));
        let (_, highest) = extent(tops.copied());
        let y_ticks = ticks(0.0, if highest > 0.0 { highest } else { 1.0 }, 5);
        let times = TimeAxis::new(first, last, inner_width(area));
        let top = y_ticks.last().copied().unwrap_or(1.0);
        let label = number_label(&y_ticks);
        let mut chart = Frame {
            title: self.title,
            x: first..last,
            x_ticks: times.ticks.clone(),
            x_label: &|day| times.label(day),
            y: 0.0..top,
            y_ticks,
            y_label: &label,
            y_title: self.y_title,
        }
        .draw(area)?;
        for (fan, color) in &self.fans {
            for (lower, upper, strength) in bands(self.levels) {
                let below = fan.days.iter().zip(&fan.quantiles);
                let above = below.clone().rev();
                let outline = below
                    .map(|(day, row)| (*day, row[lower]))
                    .chain(above.map(|(day, row)| (*day, row[upper])));
                let outline: Vec<_> = outline.collect();
                chart.draw_series([Polygon::new(outline, color.mix(strength).filled())])?;
            }
            if let Some(middle) = median(self.levels) {
                let line = fan.days.iter().zip(&fan.quantiles);
                let line: Vec<_> = line.map(|(day, row)| (*day, row[middle])).collect();
                chart.draw_series([PathElement::new(line, color.stroke_width(3))])?;
            }
        }
        let vertical = |day: f64| [(day, 0.0), (day, top)];
        if first <= self.reference && self.reference <= last {
            chart.draw_series([PathElement::new(
                vertical(self.reference),
                FAINT_INK.stroke_width(1),
            )])?;
        }
        if let Some((start, end)) = self.window {
            for day in [start, end] {
                if (first..=last).contains(&day) {
                    chart.draw_series(DashedLineSeries::new(
                        vertical(day),
                        6,
                        5,
                        FAINT_INK.stroke_width(1),
                    ))?;
                }
            }
        }
        let points = self.observed.iter();
        chart.draw_series(points.map(|&point| Circle::new(point, 4, INK.filled())))?;
        Ok(())
    }
}

/// The legend of fans in a colour.
pub(super) fn legend(levels: &[f64], what: &str, color: RGBColor) -> Vec<LegendEntry> {
    let mut entries = Vec::new();
    if median(levels).is_some() {
        entries.push(LegendEntry::new(
            Mark::Line(color),
            format!("{what}: median"),
        ));
    }
    // Bands lie on those around them, so a swatch is as dark as all of them together.
    let mut darkness = 0.0;
    for (lower, upper, strength) in bands(levels) {
        darkness = 1.0 - (1.0 - darkness) * (1.0 - strength);
        let percent = 100.0 * (levels[upper] - levels[lower]);
        let label = format!("middle {} %", (percent * 10.0).round() / 10.0);
        entries.push(LegendEntry::new(Mark::Area(color, darkness), label));
    }
    entries
}

/// What else a panel of fans can have.
pub(super) fn marks(has_observed: bool, has_window: bool) -> Vec<LegendEntry> {
    let mut entries = Vec::new();
    if has_observed {
        entries.push(LegendEntry::new(Mark::Dot(INK), "observed"));
    }
    entries.push(LegendEntry::new(Mark::Line(FAINT_INK), "reference date"));
    if has_window {
        entries.push(LegendEntry::new(Mark::Dashes(FAINT_INK), "fitting window"));
    }
    entries
}

/// The bands between levels, outermost first: indices of both edges, and how strong the colour is.
fn bands(levels: &[f64]) -> Vec<(usize, usize, f64)> {
    let n = levels.len() / 2;
    (0..n)
        .map(|index| (index, levels.len() - 1 - index, 0.25))
        .collect()
}

/// The index of the line in the middle.
fn median(levels: &[f64]) -> Option<usize> {
    (levels.len() % 2 == 1).then_some(levels.len() / 2)
}

pub(super) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let ends = values.filter(|value| value.is_finite());
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low <= high { (low, high) } else { (0.0, 1.0) }
}
