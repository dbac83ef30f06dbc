//! The output configuration as typed values: what `output:` in an experiment's YAML says once it
//! is valid, as far as the native engine writes it.

mod hub;
mod plots;
mod surveillance;

use epycloud_config::SuiteBehaviour;

use super::basemodel::Meta;
pub use hub::{
    ForecastHub, ForecastOutput, HubOutput, PropEd, PropEdStrategy, SamplesOutput, ScenarioOutput,
};
pub use plots::{
    CategoricalPlots, FigureFormat, Locations, PlotsOutput, PosteriorPlots, QuantilePanel,
    QuantilePlots, QuantileVariant, VariantKind,
};
pub use surveillance::{LocationForm, SurveillanceSource, hub_location};

/// What stage C writes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutputConfig {
    /// Who wrote it and why; `meta.id` names the output folder.
    pub meta: Option<Meta>,
    /// Formats of every table; CSV when none is asked for.
    pub tabular_formats: Vec<TabularFormat>,
    /// Named sources of observed values.
    pub surveillance: Vec<SurveillanceSource>,
    /// Quantile tables.
    pub quantiles: Option<QuantilesOutput>,
    /// Trajectory tables.
    pub trajectories: Option<TrajectoriesOutput>,
    /// Posteriors of a calibration.
    pub posteriors: Option<Generations>,
    /// A hub's submission format.
    pub hub: Option<HubOutput>,
    /// Whether the parameters of every projected trajectory are written.
    pub projection_parameters: bool,
    /// Figures.
    pub plots: Option<PlotsOutput>,
}

impl OutputConfig {
    /// The sections that only calibrations have something for.
    #[must_use]
    pub fn calibration_sections(&self) -> Vec<&'static str> {
        let hub = self.hub.as_ref().map(|hub| match hub {
            HubOutput::Forecast(forecast) => match forecast.hub {
                ForecastHub::FluSight | ForecastHub::Metrocast => "flusight_format",
                ForecastHub::Covid19 => "covid19_format",
                ForecastHub::Rsv => "rsv_format",
            },
            HubOutput::Scenario(_) => "flusmh_format",
        });
        let of_calibration = self
            .quantiles
            .as_ref()
            .is_some_and(|quantiles| quantiles.calibration.is_some());
        [
            self.posteriors.is_some().then_some("posteriors"),
            hub,
            self.projection_parameters
                .then_some("model_meta.projection_parameters"),
            self.plots.is_some().then_some("plots"),
            of_calibration.then_some("quantiles.calibration"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Generations of a calibration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generations {
    /// The last one.
    Newest,
    /// These, counted from 0.
    Only(Vec<i64>),
}

/// A table's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TabularFormat {
    /// `{name}.csv.gz`.
    CsvGz,
    /// `{name}.parquet`.
    Parquet,
}

/// Quantiles over the simulations of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantilesOutput {
    /// Levels, each between 0 and 1; the FluSight hub's 23 by default.
    pub selections: Vec<f64>,
    /// Compartment columns.
    pub compartments: Selection,
    /// Transition columns.
    pub transitions: Selection,
    /// Quantiles of what a calibration compared with observations.
    pub calibration: Option<Generations>,
}

/// Every simulation of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrajectoriesOutput {
    /// Compartment columns.
    pub compartments: Selection,
    /// Transition columns.
    pub transitions: Selection,
}

/// Which columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// None: the table isn't written.
    None,
    /// Every column.
    All,
    /// These columns (`I_total`, `S_to_L_0-4`), in this order.
    Only(Vec<String>),
}

/// The 23 quantile levels that FluSight submissions use
/// (<https://github.com/cdcepi/FluSight-forecast-hub/tree/main/model-output#quantile-output>).
pub const FLUSIGHT_QUANTILES: [f64; 23] = [
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75,
    0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
];

/// The 9 quantile levels of flu-metrocast submissions
/// (<https://github.com/reichlab/flu-metrocast/tree/main/model-output#output_type_id>).
pub const METROCAST_QUANTILES: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

/// The levels of quantile tables whose configuration lists none.
///
/// The suite 0.1.0 rounds them to two places, which makes 0.02 and 0.98 of 0.025 and 0.975.
#[must_use]
pub fn default_levels(behaviour: SuiteBehaviour) -> Vec<f64> {
    let mut levels = FLUSIGHT_QUANTILES.to_vec();
    if behaviour == SuiteBehaviour::V0_1_0 {
        levels[1] = 0.02;
        levels[FLUSIGHT_QUANTILES.len() - 2] = 0.98;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rounded_levels_differ_between_versions() {
        let latest = default_levels(SuiteBehaviour::Latest);
        let old = default_levels(SuiteBehaviour::V0_1_0);
        let different: Vec<(f64, f64)> = latest
            .into_iter()
            .zip(old)
            .filter(|(latest, old)| latest != old)
            .collect();
        assert_eq!(different, [(0.025, 0.02), (0.975, 0.98)]);
    }
}
