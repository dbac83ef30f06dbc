//! Histograms of the posterior, with the prior's density.

use plotters::element::{PathElement, Rectangle};
use plotters::style::{Color, RGBColor};

use super::DrawError;
use super::fans::extent;
use super::panel::{Frame, number_label, ticks};
use super::sheet::{LegendEntry, Mark};
use crate::calibration::CalibrationResult;
use crate::outputs::chart::Area;
use crate::priors::Prior;

const POSTERIOR: RGBColor = RGBColor(0, 114, 178);
const PRIOR: RGBColor = RGBColor(213, 94, 0);
/// Points of a density's line.
const N_POINTS: usize = 160;

/// A parameter's posterior in bars. Particles count by their weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Histogram {
    pub(super) parameter: String,
    start: f64,
    width: f64,
    /// Density of each bar.
    bars: Vec<f64>,
    /// The prior's density, for parameters that have one.
    prior: Vec<(f64, f64)>,
}

/// The histograms of a result's last generation, a parameter each.
pub(super) fn histograms(result: &CalibrationResult, n_bins: u32) -> Vec<Histogram> {
    let Some(generation) = result.generations.last() else {
        return Vec::new();
    };
    let parameters = result.priors.iter().enumerate();
    parameters
        .map(|(index, parameter)| {
            let particles = generation.particles.iter();
            let weighted: Vec<(f64, f64)> = particles
                .map(|particle| (particle.parameters[index], particle.weight))
                .collect();
            let prior = Prior::new(&parameter.prior).ok();
            Histogram::new(&parameter.name, &weighted, n_bins, prior.as_ref())
        })
        .collect()
}

impl Histogram {
    fn new(name: &str, weighted: &[(f64, f64)], n_bins: u32, prior: Option<&Prior>) -> Self {
        let (low, high) = extent(weighted.iter().map(|(value, _)| *value));
        // Whole numbers have bars of whole widths around them.
        let whole = prior.is_some_and(Prior::is_discrete);
        let whole_width = ((high - low + 1.0) / f64::from(n_bins)).ceil();
        let n_bins = if whole {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most as many as before"
            )]
            let n_bins = ((high - low + 1.0) / whole_width).ceil() as u32;
            n_bins.max(1)
        } else {
            n_bins
        };
        let (start, width) = if whole {
            (low - 0.5, whole_width)
        } else if high > low {
            (low, (high - low) / f64::from(n_bins))
        } else {
            (low - 0.5, 1.0 / f64::from(n_bins))
        };
        let mut bars = vec![0.0; n_bins as usize];
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        for (value, weight) in weighted {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates, and is cut"
            )]
            let bar = ((value - start) / width) as usize;
            bars[bar.min(n_bins as usize - 1)] += weight / (total * width);
        }
        let mut histogram = Self {
            parameter: name.to_owned(),
            start,
            width,
            bars,
            prior: Vec::new(),
        };
        histogram.prior = prior.map_or_else(Vec::new, |prior| histogram.density(prior));
        histogram
    }

    /// The prior's density over the bars and a tenth beyond, within its support.
    fn density(&self, prior: &Prior) -> Vec<(f64, f64)> {
        let (first, last) = self.ends();
        if prior.is_discrete() {
            let (mut value, last) = (first.ceil(), last.floor());
            let mut points = Vec::new();
            while value <= last && points.len() < 20 * N_POINTS {
                let probability = prior.density(value);
                points.extend([(value - 0.5, probability), (value + 0.5, probability)]);
                value += 1.0;
            }
            return points;
        }
        (0..=N_POINTS)
            .map(|n| first + (last - first) * n as f64 / N_POINTS as f64)
            .map(|value| (value, prior.density(value)))
            .filter(|(_, density)| density.is_finite())
            .collect()
    }

    fn ends(&self) -> (f64, f64) {
        let span = self.width * self.bars.len() as f64;
        (self.start - 0.1 * span, self.start + 1.1 * span)
    }

    pub(super) fn draw(&self, area: &Area<'_>, title: &str) -> Result<(), DrawError> {
        let (first, last) = self.ends();
        let densities = self.prior.iter().map(|(_, density)| density);
        let (_, highest) = extent(self.bars.iter().chain(densities).copied());
        let y_ticks = ticks(0.0, highest, 4);
        let x_ticks = ticks(first, last, 5);
        let (x_label, y_label) = (number_label(&x_ticks), number_label(&y_ticks));
        let top = y_ticks.last().copied().unwrap_or(1.0);
        let mut chart = Frame {
            title,
            x: first..last,
            x_ticks: x_ticks
                .into_iter()
                .filter(|tick| (first..=last).contains(tick))
                .collect(),
            x_label: &x_label,
            y: 0.0..top,
            y_ticks,
            y_label: &y_label,
            y_title: "",
        }
        .draw(area)?;
        let bars = self
            .bars
            .iter()
            .enumerate()
            .filter(|(_, density)| **density > 0.0);
        chart.draw_series(bars.map(|(index, &density)| {
            let left = self.start + index as f64 * self.width;
            Rectangle::new(
                [(left, 0.0), (left + self.width, density)],
                POSTERIOR.mix(0.55).filled(),
            )
        }))?;
        let line = self.prior.clone();
        chart.draw_series([PathElement::new(line, PRIOR.stroke_width(3))])?;
        Ok(())
    }
}

pub(super) fn legend() -> Vec<LegendEntry> {
    vec![
        LegendEntry::new(Mark::Area(POSTERIOR, 0.55), "posterior"),
        LegendEntry::new(Mark::Line(PRIOR), "prior"),
    ]
}
