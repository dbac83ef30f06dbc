//! Figures of calibrations: quantile fans against observations, posteriors, rate trends.
//!
//! Names are those of `epymodelingsuite`: `quantiles_{population}_{variant}`,
//! `quantiles_grid_{variant}`, `posterior_{population}`, `posterior_grid`,
//! `categorical_rate_trends`; `trajectories_grid` is ours.

mod color;
mod fans;
mod lines;
mod panel;
mod pdf;
mod place;
mod posterior;
mod render;
mod sheet;
mod trends;

use std::collections::BTreeSet;
use std::error::Error;

use jiff::civil::Date;
use plotters::style::RGBColor;

use super::calibration::CheckedCalibration;
use super::error::OutputError;
use super::files::write_to;
use super::hub::{HubRow, Observations};
use super::sink::TableSink;
use super::summary::OutputFile;
use crate::calibration::CalibrationResult;
use crate::model::DataSources;
use crate::schema::output::{PlotsOutput, QuantileVariant, VariantKind};
use fans::{legend, marks};
use lines::LinePanel;
use place::Place;
use sheet::Sheet;
use trends::TrendPanel;

type DrawError = Box<dyn Error + Send + Sync>;

const SINGLE: (u32, u32) = (860, 460);
const CELL: (u32, u32) = (440, 300);
const HISTOGRAM: (u32, u32) = (400, 280);
const TREND_HEIGHT: u32 = 240;
/// Room for a place's abbreviation.
const BAR: u32 = 36;
/// Parameters in a row of a place's own figure.
const PER_ROW: usize = 3;

/// The figures of a run, drawn once all its tasks are known.
pub(super) struct FigureSet {
    config: PlotsOutput,
    colors: [RGBColor; 2],
    places: Vec<Place>,
}

impl FigureSet {
    pub(super) fn new(config: &PlotsOutput) -> Self {
        let mut config = config.clone();
        config.quantiles.levels.sort_by(f64::total_cmp);
        let fallback = [RGBColor(31, 119, 180), RGBColor(255, 127, 14)];
        let quantiles = &config.quantiles;
        let given = [&quantiles.calibration_color, &quantiles.projection_color];
        let colors = std::array::from_fn(|n| color::parse(given[n]).unwrap_or(fallback[n]));
        Self {
            config,
            colors,
            places: Vec::new(),
        }
    }

    /// Adds a task; what can't be shown of it becomes a warning.
    pub(super) fn push(
        &mut self,
        result: &CalibrationResult,
        checked: &CheckedCalibration,
        observations: &mut Observations,
        sources: &DataSources,
        warnings: &mut BTreeSet<String>,
    ) {
        let place = Place::new(&self.config, result, checked, |source| {
            match observations.of(source, &checked.population, sources) {
                Ok(values) => values.to_vec(),
                Err(fault) => {
                    warnings.insert(format!("figures don't show `{}`: {fault}", source.name));
                    Vec::new()
                }
            }
        });
        self.places.push(place);
    }

    /// Draws and writes everything.
    ///
    /// # Errors
    /// When a figure can't be drawn or the sink fails.
    pub(super) fn finish(
        self,
        trends: &[HubRow],
        sink: &mut dyn TableSink,
        files: &mut Vec<OutputFile>,
    ) -> Result<(), OutputError> {
        if self.places.is_empty() {
            return Ok(());
        }
        let mut writer = Writer {
            config: &self.config,
            sink,
            files,
        };
        self.quantiles(&mut writer)?;
        self.trajectories(&mut writer)?;
        self.posteriors(&mut writer)?;
        if let Some(categorical) = &self.config.categorical
            && !trends.is_empty()
        {
            let mut codes: Vec<String> = trends.iter().map(|row| row.location.clone()).collect();
            codes.dedup();
            writer.write("categorical_rate_trends", || {
                let sheet = Sheet {
                    title: "Rate trends",
                    legend: &trends::legend(categorical),
                    panel: ((BAR * codes.len() as u32 + 100).max(700), TREND_HEIGHT),
                    per_row: 1,
                };
                sheet.draw(categorical.horizons.len(), |index, area| {
                    let panel = TrendPanel {
                        horizon: categorical.horizons[index],
                        places: &codes,
                        rows: trends,
                        config: categorical,
                    };
                    panel.draw(area)
                })
            })?;
        }
        Ok(())
    }

    fn quantiles(&self, writer: &mut Writer<'_>) -> Result<(), OutputError> {
        let quantiles = &self.config.quantiles;
        for variant in &quantiles.variants {
            let kind = variant.kind.name();
            for place in &self.places {
                if quantiles.single.include(&place.population) {
                    let name = format!("quantiles_{}_{kind}", place.population);
                    writer.write(&name, || {
                        self.fans(variant, &[place], "", SINGLE, variant.panels.len())
                    })?;
                }
            }
            if let Some(per_row) = quantiles.panels_per_row {
                let places: Vec<&Place> = self.places.iter().collect();
                let title = quantiles.suptitle.as_deref().unwrap_or_default();
                writer.write(&format!("quantiles_grid_{kind}"), || {
                    self.fans(variant, &places, title, CELL, per_row as usize)
                })?;
            }
        }
        Ok(())
    }

    /// The panels of a variant, for each place.
    fn fans(
        &self,
        variant: &QuantileVariant,
        places: &[&Place],
        title: &str,
        panel: (u32, u32),
        per_row: usize,
    ) -> Result<String, DrawError> {
        let (levels, [calibration, projection]) = (&self.config.quantiles.levels, self.colors);
        let mut entries = Vec::new();
        if variant.show_projection {
            entries.extend(legend(levels, "projection", projection));
        }
        if variant.show_calibration {
            entries.extend(legend(levels, "calibration", calibration));
        }
        let has_observed = variant.surveillance.is_some();
        entries.extend(marks(has_observed, variant.show_fitting_window));
        let sheet = Sheet {
            title,
            legend: &entries,
            panel,
            per_row,
        };
        let n = variant.panels.len();
        sheet.draw(n * places.len(), |index, area| {
            let (place, shown) = (places[index / n], &variant.panels[index % n]);
            let mut title = place.title.clone();
            if variant.kind == VariantKind::SideBySide && shown.is_filtered {
                title.push_str(", recent");
            }
            place
                .fan_panel(&self.config, variant, shown, &title, self.colors)
                .draw(area)
        })
    }

    fn trajectories(&self, writer: &mut Writer<'_>) -> Result<(), OutputError> {
        let Some(per_row) = self.config.quantiles.panels_per_row else {
            return Ok(());
        };
        let shown: Vec<&Place> = self
            .places
            .iter()
            .filter(|place| !place.trajectories.is_empty())
            .collect();
        if shown.is_empty() {
            return Ok(());
        }
        writer.write("trajectories_grid", || {
            let color = self.colors[1];
            let sheet = Sheet {
                title: "Projected trajectories",
                legend: &lines::legend(color),
                panel: CELL,
                per_row: per_row as usize,
            };
            sheet.draw(shown.len(), |index, area| {
                let place = shown[index];
                let panel = LinePanel {
                    title: &place.title,
                    days: &place.days,
                    lines: &place.trajectories,
                    color,
                };
                panel.draw(area)
            })
        })
    }

    fn posteriors(&self, writer: &mut Writer<'_>) -> Result<(), OutputError> {
        let config = &self.config.posterior;
        for place in &self.places {
            if config.single.include(&place.population) {
                let name = format!("posterior_{}", place.population);
                writer.write(&name, || {
                    histograms(&place.title, PER_ROW, std::slice::from_ref(&place))
                })?;
            }
        }
        if config.grid {
            let places: Vec<&Place> = self.places.iter().collect();
            let n_parameters = places.iter().map(|place| place.histograms.len()).max();
            writer.write("posterior_grid", || {
                histograms("Posterior", n_parameters.unwrap_or(1), &places)
            })?;
        }
        Ok(())
    }
}

/// The histograms of places, a row each if there are several.
fn histograms(title: &str, per_row: usize, places: &[&Place]) -> Result<String, DrawError> {
    let all: Vec<_> = places
        .iter()
        .flat_map(|place| place.histograms.iter().map(move |one| (*place, one)))
        .collect();
    let sheet = Sheet {
        title,
        legend: &posterior::legend(),
        panel: HISTOGRAM,
        per_row,
    };
    sheet.draw(all.len(), |index, area| {
        let (place, histogram) = all[index];
        let title = match places {
            [_] => histogram.parameter.clone(),
            _ => format!("{}: {}", place.title, histogram.parameter),
        };
        histogram.draw(area, &title)
    })
}

/// Writes figures in the formats asked for.
struct Writer<'a> {
    config: &'a PlotsOutput,
    sink: &'a mut dyn TableSink,
    files: &'a mut Vec<OutputFile>,
}

impl Writer<'_> {
    fn write(
        &mut self,
        name: &str,
        draw: impl FnOnce() -> Result<String, DrawError>,
    ) -> Result<(), OutputError> {
        let failed = |source| OutputError::Figure {
            name: name.to_owned(),
            source,
        };
        let svg = draw().map_err(failed)?;
        for &format in &self.config.formats {
            let bytes = render::render(&svg, format, self.config.dpi).map_err(failed)?;
            let file = format!("{name}.{}", format.ending());
            write_to(self.sink, &file, bytes)?;
            self.files.push(OutputFile {
                name: file,
                rows: None,
                columns: None,
            });
        }
        Ok(())
    }
}

/// A day as the axes count it.
fn day(date: Date) -> f64 {
    date.since(Date::constant(1970, 1, 1))
        .map_or(0.0, |span| f64::from(span.get_days()))
}
