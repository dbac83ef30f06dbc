//! Submission formats of modelling hubs.

use jiff::civil::Date;

use super::SurveillanceSource;

/// A hub and what to submit to it.
#[derive(Debug, Clone, PartialEq)]
pub enum HubOutput {
    /// Weekly forecasts.
    Forecast(Box<ForecastOutput>),
    /// Scenario projections.
    Scenario(ScenarioOutput),
}

/// A hub of weekly forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForecastHub {
    /// FluSight (<https://github.com/cdcepi/FluSight-forecast-hub>).
    FluSight,
    /// Flu MetroCast (<https://github.com/reichlab/flu-metrocast>).
    Metrocast,
    /// COVID-19 Forecast Hub (<https://github.com/CDCgov/covid19-forecast-hub>).
    Covid19,
    /// RSV Forecast Hub (<https://github.com/CDCgov/rsv-forecast-hub>).
    Rsv,
}

impl ForecastHub {
    /// The target that counts hospital admissions, by default.
    #[must_use]
    pub const fn admissions(self) -> &'static str {
        match self {
            Self::FluSight | Self::Metrocast => "wk inc flu hosp",
            Self::Covid19 => "wk inc covid hosp",
            Self::Rsv => "wk inc rsv hosp",
        }
    }

    /// The target that is the share of emergency visits, by default.
    #[must_use]
    pub const fn emergency(self) -> &'static str {
        match self {
            Self::FluSight | Self::Metrocast => "wk inc flu prop ed visits",
            Self::Covid19 => "wk inc covid prop ed visits",
            Self::Rsv => "wk inc rsv prop ed visits",
        }
    }
}

/// Forecasts for a hub.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastOutput {
    /// The hub.
    pub hub: ForecastHub,
    /// The Saturday that horizons count from; without it, the Saturday that follows the week of
    /// the last observation.
    pub reference_date: Option<Date>,
    /// Name of the target that counts admissions; none are written without it.
    pub hospitalizations: Option<String>,
    /// Observations that rate trends start from; none are written without them.
    pub rate_trends: Option<SurveillanceSource>,
    /// The share of emergency visits.
    pub prop_ed: Option<PropEd>,
    /// Quantile levels.
    pub quantiles: Vec<f64>,
    /// Trajectories to submit; none without it.
    pub samples: Option<SamplesOutput>,
}

/// The share of emergency visits that are due to the disease.
#[derive(Debug, Clone, PartialEq)]
pub struct PropEd {
    /// Name of the target.
    pub target: String,
    /// Where the shares come from.
    pub strategy: PropEdStrategy,
}

/// Where shares of emergency visits come from.
#[derive(Debug, Clone, PartialEq)]
pub enum PropEdStrategy {
    /// Forecast admissions times the factor that best turns observed admissions into observed
    /// shares, from `fit_start` to the day before `fit_end`.
    SurveillanceWindow {
        /// Observed shares.
        emergency: SurveillanceSource,
        /// Observed admissions.
        hospital: SurveillanceSource,
        /// First day.
        fit_start: Date,
        /// The day after the last.
        fit_end: Date,
    },
    /// Forecast admissions times the factor that best turns the calibration's medians into
    /// observed shares, over the last weeks of the fitting window.
    CalibrationWindow {
        /// Observed shares.
        emergency: SurveillanceSource,
        /// How many weeks.
        n_weeks: u32,
    },
    /// A projected column, as it is.
    Transition {
        /// Its name.
        name: String,
    },
}

/// Trajectories to submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplesOutput {
    /// How many, at most.
    pub n_samples: u32,
    /// Seed of the choice; the task's own without it.
    pub seed: Option<u64>,
}

/// Projections for a scenario hub.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioOutput {
    /// First day of the projection, a Sunday; without it, the day after the last observation's
    /// week.
    pub origin_date: Option<Date>,
    /// The hub's name of the scenario (`A-2025-07-29`).
    pub scenario_id: String,
    /// Target and projected column of each series, in order.
    pub targets: Vec<(String, String)>,
    /// Weeks to project; as many as there are without it.
    pub n_horizons: Option<u32>,
    /// Trajectories, at most.
    pub n_samples: u32,
    /// Seed of the choice; the task's own without it.
    pub seed: Option<u64>,
}
