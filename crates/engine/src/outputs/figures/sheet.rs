//! A sheet of panels under a title and a legend.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle, RGBColor, TextStyle};

use super::DrawError;
use crate::outputs::chart::{Area, BACKGROUND, INK, text};

const TITLE_HEIGHT: u32 = 48;
const LEGEND_HEIGHT: u32 = 34;
const MARGIN: i32 = 20;
const TITLE_SIZE: u32 = 24;
const LEGEND_SIZE: u32 = 16;
/// About how wide a character of the legend is.
const CHARACTER: i32 = 9;

/// What a sheet shows beside its panels.
pub(super) struct Sheet<'a> {
    pub(super) title: &'a str,
    pub(super) legend: &'a [LegendEntry],
    pub(super) panel: (u32, u32),
    pub(super) per_row: usize,
}

/// A line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LegendEntry {
    pub(super) mark: Mark,
    pub(super) label: String,
}

/// How something is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    Line(RGBColor),
    Area(RGBColor, f64),
    Dot(RGBColor),
    Dashes(RGBColor),
}

impl Sheet<'_> {
    /// Draws the panels, each by a call with its number.
    ///
    /// # Errors
    /// When the drawing library fails.
    pub(super) fn draw(
        &self,
        n_panels: usize,
        mut panel: impl FnMut(usize, &Area<'_>) -> Result<(), DrawError>,
    ) -> Result<String, DrawError> {
        let columns = self.per_row.clamp(1, n_panels.max(1));
        let rows = n_panels.div_ceil(columns).max(1);
        let width = self.panel.0 * columns as u32;
        let panels_height = self.panel.1 * rows as u32;
        let top = if self.title.is_empty() {
            8
        } else {
            TITLE_HEIGHT
        };
        let lines = self.legend_lines(width);
        let legend = LEGEND_HEIGHT * lines.len() as u32;
        let mut svg = String::new();
        {
            let size = (width, top + legend + panels_height);
            let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            root.fill(&BACKGROUND)?;
            let (header, panels) = root.split_vertically(top + legend);
            if !self.title.is_empty() {
                let style = text(TITLE_SIZE, INK, HPos::Left);
                let style = TextStyle {
                    font: style.font.style(FontStyle::Bold),
                    ..style
                };
                header.draw_text(self.title, &style, (MARGIN, 28))?;
            }
            for (line, entries) in lines.iter().enumerate() {
                let y = (top + LEGEND_HEIGHT * line as u32 + LEGEND_HEIGHT / 2) as i32;
                draw_legend(&header, entries, y)?;
            }
            for (index, area) in panels
                .split_evenly((rows, columns))
                .iter()
                .enumerate()
                .take(n_panels)
            {
                panel(index, area)?;
            }
            root.present()?;
        }
        Ok(svg)
    }

    /// The legend's entries, in as many lines as they need.
    fn legend_lines(&self, width: u32) -> Vec<Vec<&LegendEntry>> {
        let mut lines: Vec<Vec<&LegendEntry>> = Vec::new();
        let mut x = i32::MAX / 2;
        for entry in self.legend {
            if x + entry.width() > width as i32 {
                lines.push(Vec::new());
                x = MARGIN;
            }
            if let Some(line) = lines.last_mut() {
                line.push(entry);
            }
            x += entry.width();
        }
        lines
    }
}

impl LegendEntry {
    pub(super) fn new(mark: Mark, label: impl Into<String>) -> Self {
        Self {
            mark,
            label: label.into(),
        }
    }

    fn width(&self) -> i32 {
        54 + CHARACTER * self.label.chars().count() as i32
    }
}

fn draw_legend(area: &Area<'_>, entries: &[&LegendEntry], y: i32) -> Result<(), DrawError> {
    let mut x = MARGIN;
    for entry in entries {
        let line = |from: i32, to: i32, color: RGBColor| {
            PathElement::new([(x + from, y), (x + to, y)], color.stroke_width(3))
        };
        match entry.mark {
            Mark::Line(color) => area.draw(&line(0, 28, color))?,
            Mark::Area(color, strength) => area.draw(&Rectangle::new(
                [(x, y - 7), (x + 28, y + 7)],
                color.mix(strength).filled(),
            ))?,
            Mark::Dot(color) => area.draw(&Circle::new((x + 14, y), 4, color.filled()))?,
            Mark::Dashes(color) => {
                area.draw(&line(0, 11, color))?;
                area.draw(&line(17, 28, color))?;
            }
        }
        let style = text(LEGEND_SIZE, INK, HPos::Left);
        area.draw_text(&entry.label, &style, (x + 35, y))?;
        x += entry.width();
    }
    Ok(())
}
