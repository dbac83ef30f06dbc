//! Trajectories, one line each.

use plotters::element::PathElement;
use plotters::style::{Color, RGBColor};

use super::DrawError;
use super::fans::extent;
use super::panel::{Frame, inner_width, number_label, ticks};
use super::place::N_LINES;
use super::sheet::{LegendEntry, Mark};
use crate::outputs::chart::Area;
use crate::outputs::chart::axis::TimeAxis;

/// A panel of trajectories.
pub(super) struct LinePanel<'a> {
    pub(super) title: &'a str,
    pub(super) days: &'a [f64],
    pub(super) lines: &'a [Vec<f64>],
    pub(super) color: RGBColor,
}

impl LinePanel<'_> {
    pub(super) fn draw(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let (first, last) = extent(self.days.iter().copied());
        let (first, last) = (first - 2.0, last + 2.0);
        let (_, highest) = extent(self.lines.iter().flatten().copied());
        let y_ticks = ticks(0.0, if highest > 0.0 { highest } else { 1.0 }, 5);
        let times = TimeAxis::new(first, last, inner_width(area));
        let label = number_label(&y_ticks);
        let mut chart = Frame {
            title: self.title,
            x: first..last,
            x_ticks: times.ticks.clone(),
            x_label: &|day| times.label(day),
            y: 0.0..y_ticks.last().copied().unwrap_or(1.0),
            y_ticks,
            y_label: &label,
            y_title: "",
        }
        .draw(area)?;
        // The more lines, the fainter each.
        let strength = (20.0 / self.lines.len() as f64).clamp(0.3, 0.8);
        chart.draw_series(self.lines.iter().map(|line| {
            let points: Vec<_> = self
                .days
                .iter()
                .copied()
                .zip(line.iter().copied())
                .collect();
            PathElement::new(points, self.color.mix(strength).stroke_width(1))
        }))?;
        Ok(())
    }
}

pub(super) fn legend(color: RGBColor) -> Vec<LegendEntry> {
    let label = format!("a trajectory (the first {N_LINES} at most)");
    vec![LegendEntry::new(Mark::Line(color), label)]
}
