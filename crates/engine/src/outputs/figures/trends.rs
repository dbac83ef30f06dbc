//! Probabilities of rate trends as stacked bars: a panel for each horizon, a bar for each place.

use plotters::element::Rectangle;
use plotters::style::{Color, RGBColor};

use super::DrawError;
use super::color::parse;
use super::panel::Frame;
use super::sheet::{LegendEntry, Mark};
use crate::outputs::chart::{Area, FAINT_INK};
use crate::outputs::hub::HubRow;
use crate::schema::output::CategoricalPlots;

/// The rate trends of a horizon.
pub(super) struct TrendPanel<'a> {
    pub(super) horizon: i32,
    pub(super) places: &'a [String],
    pub(super) rows: &'a [HubRow],
    pub(super) config: &'a CategoricalPlots,
}

impl TrendPanel<'_> {
    pub(super) fn draw(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let n = self.places.len() as f64;
        let centres: Vec<f64> = (0..self.places.len())
            .map(|index| index as f64 + 0.5)
            .collect();
        let title = format!("horizon {}", self.horizon);
        let mut chart = Frame {
            title: &title,
            x: 0.0..n,
            x_ticks: centres,
            x_label: &|x| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the index of a place"
                )]
                let place = self.places.get(x.floor() as usize);
                place.map_or_else(String::new, |code| abbreviation(code))
            },
            y: 0.0..1.0,
            y_ticks: vec![0.0, 0.25, 0.5, 0.75, 1.0],
            y_label: &|y| format!("{y:.2}"),
            y_title: "",
        }
        .draw(area)?;
        for (index, place) in self.places.iter().enumerate() {
            let mut bottom = 0.0;
            for (category, color) in &self.config.categories {
                let row = self.rows.iter().find(|row| {
                    row.horizon == self.horizon
                        && row.location == *place
                        && row.output_type_id == *category
                });
                let top = bottom + row.map_or(0.0, |row| row.value);
                let left = index as f64;
                chart.draw_series([Rectangle::new(
                    [(left + 0.12, bottom), (left + 0.88, top)],
                    rgb(color).filled(),
                )])?;
                bottom = top;
            }
        }
        Ok(())
    }
}

pub(super) fn legend(config: &CategoricalPlots) -> Vec<LegendEntry> {
    let categories = config.categories.iter();
    categories
        .map(|(category, color)| {
            LegendEntry::new(Mark::Area(rgb(color), 1.0), category.replace('_', " "))
        })
        .collect()
}

/// The abbreviation of a place that has one.
fn abbreviation(code: &str) -> String {
    let known = crate::locations::LOCATIONS.iter();
    let found = known.clone().find(|location| location.fips == code);
    found.map_or_else(
        || code.to_owned(),
        |location| location.abbreviation.to_owned(),
    )
}

fn rgb(color: &str) -> RGBColor {
    parse(color).unwrap_or(FAINT_INK)
}
