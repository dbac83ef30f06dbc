//! The fan chart: the main transition's median and bands over time, a panel for each task.

pub(super) mod axis;
mod panel;

use std::error::Error;

use plotters::backend::SVGBackend;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle};

use super::column::Column;
use super::error::OutputError;
use super::fan::Fan;
use panel::{Panel, draw_panel};

/// The chart's file.
pub(super) const FILE: &str = "fan_chart.svg";

/// What a chart shows.
pub(super) struct FanChart<'a> {
    pub(super) model_name: Option<&'a str>,
    pub(super) transition: &'a Column,
    pub(super) groups: &'a [String],
    /// The tasks shown.
    pub(super) fans: &'a [Fan],
    /// The tasks there are.
    pub(super) n_tasks: u32,
}

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawError = Box<dyn Error + Send + Sync>;

pub(super) const BACKGROUND: RGBColor = RGBColor(255, 255, 255);
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const FAINT_INK: RGBColor = RGBColor(95, 95, 95);
pub(super) const GRID: RGBColor = RGBColor(226, 226, 226);
/// The blue of Okabe and Ito's palette, which every kind of colour vision tells from grey.
const BLUE: RGBColor = RGBColor(0, 114, 178);
/// How strongly the bands of 95 % and of 50 % are coloured.
const BANDS: [f64; 2] = [0.2, 0.4];

const TITLE_SIZE: u32 = 30;
const TEXT_SIZE: u32 = 20;
const HEADER_HEIGHT: u32 = 112;
const FOOTER_HEIGHT: u32 = 40;
const MARGIN: i32 = 28;

/// How panels are laid out.
struct Grid {
    rows: usize,
    columns: usize,
    panel: (u32, u32),
}

impl Grid {
    fn new(n_panels: usize) -> Self {
        let columns = match n_panels {
            0 | 1 => 1,
            2..=4 => 2,
            _ => 3,
        };
        let panel = match columns {
            1 => (1200, 600),
            2 => (720, 360),
            _ => (530, 340),
        };
        Self {
            rows: n_panels.div_ceil(columns).max(1),
            columns,
            panel,
        }
    }
}

/// The chart as SVG text.
///
/// # Errors
/// When the drawing library fails.
pub(super) fn draw(chart: &FanChart<'_>) -> Result<String, OutputError> {
    let mut svg = String::new();
    try_draw(chart, &mut svg).map_err(|source| OutputError::Chart { file: FILE, source })?;
    Ok(svg)
}

fn try_draw(chart: &FanChart<'_>, svg: &mut String) -> Result<(), DrawError> {
    let grid = Grid::new(chart.fans.len());
    let note = note(chart);
    let footer = if note.is_some() { FOOTER_HEIGHT } else { 0 };
    let width = grid.panel.0 * grid.columns as u32;
    let panels_height = grid.panel.1 * grid.rows as u32;
    let height = HEADER_HEIGHT + panels_height + footer;

    let root = SVGBackend::with_string(svg, (width, height)).into_drawing_area();
    root.fill(&BACKGROUND)?;
    let (header, below) = root.split_vertically(HEADER_HEIGHT);
    let (panels, footer) = below.split_vertically(panels_height);
    draw_header(&header, chart)?;
    let shared_title = chart.fans.len() == 1;
    for (fan, area) in chart
        .fans
        .iter()
        .zip(panels.split_evenly((grid.rows, grid.columns)))
    {
        let title = (!shared_title).then(|| panel_title(fan, chart.fans));
        draw_panel(&area, &Panel { fan, title })?;
    }
    if let Some(note) = note {
        footer.draw_text(&note, &text(TEXT_SIZE, FAINT_INK, HPos::Left), (MARGIN, 18))?;
    }
    root.present()?;
    Ok(())
}

/// Title, subtitle and legend.
fn draw_header(area: &Area<'_>, chart: &FanChart<'_>) -> Result<(), DrawError> {
    let title = text(TITLE_SIZE, INK, HPos::Left);
    let title = TextStyle {
        font: title.font.style(FontStyle::Bold),
        ..title
    };
    area.draw_text(&heading(chart), &title, (MARGIN, 34))?;
    area.draw_text(
        &subtitle(chart),
        &text(TEXT_SIZE, FAINT_INK, HPos::Left),
        (MARGIN, 66),
    )?;
    draw_legend(area, 96)
}

/// Median, 50 % and 95 %, in a row.
fn draw_legend(area: &Area<'_>, y: i32) -> Result<(), DrawError> {
    let label = text(TEXT_SIZE, INK, HPos::Left);
    let mut x = MARGIN;
    area.draw(&PathElement::new(
        [(x, y), (x + 34, y)],
        BLUE.stroke_width(3),
    ))?;
    area.draw_text("median", &label, (x + 42, y))?;
    x += 140;
    let [outer, inner] = BANDS;
    let swatch = |x: i32, strength: f64| {
        Rectangle::new([(x, y - 8), (x + 34, y + 8)], BLUE.mix(strength).filled())
    };
    // The inner band lies on the outer one, so its swatch does too.
    area.draw(&swatch(x, outer))?;
    area.draw(&swatch(x, inner))?;
    area.draw_text("middle 50 % of simulations", &label, (x + 42, y))?;
    x += 320;
    area.draw(&swatch(x, outer))?;
    area.draw_text("middle 95 % of simulations", &label, (x + 42, y))?;
    Ok(())
}

/// What is shown, and where, if that is one place.
fn heading(chart: &FanChart<'_>) -> String {
    let group = chart
        .transition
        .group
        .map_or("all ages", |group| &chart.groups[group]);
    let suffix = chart.transition.group.map_or("_total".to_owned(), |group| {
        format!("_{}", chart.groups[group])
    });
    let series = chart
        .transition
        .name
        .strip_suffix(&suffix)
        .unwrap_or(&chart.transition.name);
    let what = format!("{} ({group})", series.replacen("_to_", " → ", 1));
    match chart.fans {
        [fan] => format!("{what}, {}", place(&fan.population)),
        _ => what,
    }
}

fn subtitle(chart: &FanChart<'_>) -> String {
    let people = chart
        .fans
        .first()
        .map_or("people", |fan| people_per_period(&fan.days));
    match chart.model_name {
        Some(model) => format!("{model}: {people}"),
        None => people.to_owned(),
    }
}

/// What a point counts, by the distance of the dates. (The first may stand for less.)
fn people_per_period(days: &[f64]) -> &'static str {
    let every = |range: std::ops::RangeInclusive<f64>| {
        days.len() > 1
            && days
                .windows(2)
                .all(|pair| range.contains(&(pair[1] - pair[0])))
    };
    if every(1.0..=1.0) {
        "people a day"
    } else if every(7.0..=7.0) {
        "people a week, dated by its last day"
    } else if every(28.0..=31.0) {
        "people a month"
    } else {
        "people since the date before"
    }
}

/// The population, and the task where several shown have the same one.
fn panel_title(fan: &Fan, fans: &[Fan]) -> String {
    let place = place(&fan.population);
    if fans
        .iter()
        .filter(|other| other.population == fan.population)
        .count()
        > 1
    {
        format!("{place}, task {}", fan.primary_id)
    } else {
        place
    }
}

/// A population's name for people.
pub(super) fn place(population: &str) -> String {
    crate::locations::find(population).map_or_else(
        || population.replace('_', " "),
        |location| location.name.to_owned(),
    )
}

/// That there is more than is shown.
fn note(chart: &FanChart<'_>) -> Option<String> {
    let shown = chart.fans.len();
    (shown < chart.n_tasks as usize).then(|| {
        format!(
            "The first {shown} of {} tasks are shown.",
            axis::thousands(chart.n_tasks.into())
        )
    })
}

pub(super) fn text(size: u32, color: RGBColor, horizontal: HPos) -> TextStyle<'static> {
    TextStyle {
        color: color.to_backend_color(),
        pos: Pos::new(horizontal, VPos::Center),
        ..TextStyle::from(("sans-serif", size).into_font())
    }
}
