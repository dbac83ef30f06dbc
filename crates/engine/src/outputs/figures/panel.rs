//! A panel: axes, and what is drawn between them.

use std::ops::Range;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::style::text_anchor::HPos;

use super::DrawError;
use crate::outputs::chart::axis::Axis;
use crate::outputs::chart::{Area, BACKGROUND, FAINT_INK, GRID, INK, text};

const TITLE_SIZE: u32 = 18;
const LABEL_SIZE: u32 = 14;
const LEFT: u32 = 66;
const BOTTOM: u32 = 36;
const RIGHT: u32 = 34;
const CAPTION: u32 = 38;

/// A panel's axes and texts.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) x: Range<f64>,
    pub(super) x_ticks: Vec<f64>,
    pub(super) x_label: &'a dyn Fn(f64) -> String,
    pub(super) y: Range<f64>,
    pub(super) y_ticks: Vec<f64>,
    pub(super) y_label: &'a dyn Fn(f64) -> String,
    pub(super) y_title: &'a str,
}

/// Axes ready to be drawn on.
pub(super) type Chart<'a> =
    ChartContext<'a, plotters::backend::SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// How much of a panel's width its axes leave.
pub(super) fn inner_width(area: &Area<'_>) -> u32 {
    area.dim_in_pixel().0.saturating_sub(LEFT + RIGHT).max(1)
}

impl Frame<'_> {
    /// Draws the axes.
    ///
    /// # Errors
    /// When the drawing library fails.
    pub(super) fn draw<'b>(self, area: &Area<'b>) -> Result<Chart<'b>, DrawError> {
        let style = text(TITLE_SIZE, INK, HPos::Left);
        area.draw_text(self.title, &style, (LEFT as i32, 20))?;
        let mut chart = ChartBuilder::on(area)
            .margin_top(CAPTION)
            .margin_right(RIGHT)
            .margin_bottom(8)
            .x_label_area_size(BOTTOM)
            .y_label_area_size(LEFT)
            .build_cartesian_2d(
                Axis {
                    range: self.x,
                    ticks: self.x_ticks,
                },
                Axis {
                    range: self.y,
                    ticks: self.y_ticks,
                },
            )?;
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(BACKGROUND)
            .bold_line_style(GRID)
            .axis_style(FAINT_INK)
            .label_style(text(LABEL_SIZE, INK, HPos::Left));
        if !self.y_title.is_empty() {
            mesh.y_desc(self.y_title)
                .axis_desc_style(text(LABEL_SIZE, FAINT_INK, HPos::Center));
        }
        mesh.x_label_formatter(&|x| (self.x_label)(*x))
            .y_label_formatter(&|y| (self.y_label)(*y))
            .draw()?;
        Ok(chart)
    }
}

/// Ticks at 1, 2 or 5 times a power of ten that reach from the first at or below `low` to the
/// first at or above `high`.
pub(super) fn ticks(low: f64, high: f64, limit: u32) -> Vec<f64> {
    let span = if high > low { high - low } else { 1.0 };
    let rough = span / f64::from(limit.max(2));
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(power);
    let (first, last) = ((low / step).floor(), ((low + span) / step).ceil());
    let mut ticks = Vec::new();
    let mut n = first;
    while n <= last {
        ticks.push(n * step);
        n += 1.0;
    }
    ticks
}

/// A tick's label, with as many decimals as the step needs.
pub(super) fn number_label(ticks: &[f64]) -> impl Fn(f64) -> String + use<> {
    let step = match ticks {
        [first, second, ..] => second - first,
        _ => 1.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 12"
    )]
    let decimals = (-step.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    move |value: f64| {
        if decimals == 0 {
            crate::outputs::chart::axis::thousands(value)
        } else {
            format!("{value:.decimals$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_surround_the_range_and_labels_have_the_decimals_they_need() {
        let shares = ticks(0.0, 0.034, 5);
        assert_eq!(shares.len(), 5);
        let label = number_label(&shares);
        assert_eq!(label(shares[1]), "0.01");
        assert_eq!(ticks(1.2, 2.9, 4), [1.0, 1.5, 2.0, 2.5, 3.0]);
        assert_eq!(number_label(&[0.0, 500.0])(1500.0), "1,500");
        assert_eq!(ticks(2.0, 2.0, 4).first(), Some(&2.0));
    }
}
