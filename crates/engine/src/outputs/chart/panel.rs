//! One task's panel.

use plotters::chart::ChartBuilder;
use plotters::element::{PathElement, Polygon};
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

use super::axis::{Axis, TimeAxis, count_ticks, thousands};
use super::{Area, BACKGROUND, BANDS, BLUE, DrawError, FAINT_INK, GRID, INK, TEXT_SIZE, text};
use crate::outputs::fan::Fan;

/// What a panel shows.
pub(super) struct Panel<'a> {
    pub(super) fan: &'a Fan,
    pub(super) title: Option<String>,
}

const LEFT: u32 = 116;
const BOTTOM: u32 = 48;
/// Half a label's width, for one at the very end of the axis.
const RIGHT: u32 = 46;

pub(super) fn draw_panel(area: &Area<'_>, panel: &Panel<'_>) -> Result<(), DrawError> {
    let (width, height) = area.dim_in_pixel();
    let points = points(panel.fan);
    let (first, last) = (points[0].0, points[points.len() - 1].0);
    let times = TimeAxis::new(first, last, width - LEFT - RIGHT);
    let highest = points
        .iter()
        .map(|(_, quantiles)| quantiles[4])
        .fold(0.0, f64::max);
    let counts = count_ticks(highest, height / 80);
    let top = counts.last().copied().unwrap_or(1.0);

    let caption = if panel.title.is_some() { 36 } else { 24 };
    if let Some(title) = &panel.title {
        area.draw_text(
            title,
            &text(TEXT_SIZE + 2, INK, HPos::Left),
            (LEFT as i32, 18),
        )?;
    }
    let mut chart = ChartBuilder::on(area)
        .margin_top(caption)
        .margin_right(RIGHT)
        .margin_bottom(10)
        .x_label_area_size(BOTTOM)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(
            Axis {
                range: first..last,
                ticks: times.ticks.clone(),
            },
            Axis {
                range: 0.0..top,
                ticks: counts,
            },
        )?;
    chart
        .configure_mesh()
        .light_line_style(BACKGROUND)
        .bold_line_style(GRID)
        .axis_style(FAINT_INK)
        .label_style(text(TEXT_SIZE, INK, HPos::Left))
        .x_label_formatter(&|&day| times.label(day))
        .y_label_formatter(&|&count| thousands(count))
        .draw()?;
    for ((lower, upper), strength) in [(0, 4), (1, 3)].into_iter().zip(BANDS) {
        let below = points
            .iter()
            .map(|(day, quantiles)| (*day, quantiles[lower]));
        let above = points
            .iter()
            .rev()
            .map(|(day, quantiles)| (*day, quantiles[upper]));
        let outline: Vec<_> = below.chain(above).collect();
        chart.draw_series([Polygon::new(outline, BLUE.mix(strength).filled())])?;
    }
    let median: Vec<_> = points
        .iter()
        .map(|(day, quantiles)| (*day, quantiles[2]))
        .collect();
    chart.draw_series([PathElement::new(median, BLUE.stroke_width(3))])?;
    Ok(())
}

/// The dates and quantiles to draw; a single date becomes a bar of a day's width.
fn points(fan: &Fan) -> Vec<(f64, [f64; 5])> {
    let points: Vec<_> = fan
        .days
        .iter()
        .copied()
        .zip(fan.quantiles.iter().copied())
        .collect();
    match points[..] {
        [(day, quantiles)] => vec![(day - 0.5, quantiles), (day + 0.5, quantiles)],
        _ => points,
    }
}
