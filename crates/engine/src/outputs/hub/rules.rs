//! The hubs' published rules, as their `hub-config/tasks.json` and model-output READMEs have them.
//!
//! - FluSight: <https://github.com/cdcepi/FluSight-forecast-hub/blob/main/hub-config/tasks.json>
//! - COVID-19: <https://github.com/CDCgov/covid19-forecast-hub/blob/main/hub-config/tasks.json>
//! - RSV: <https://github.com/CDCgov/rsv-forecast-hub/blob/main/hub-config/tasks.json>
//! - Flu MetroCast: <https://github.com/reichlab/flu-metrocast/blob/main/hub-config/tasks.json>
//!
//! Which rounds a hub opens changes every season and isn't checked; that reference dates are
//! Saturdays is.

use super::row::OutputType;
use crate::schema::output::{FLUSIGHT_QUANTILES, ForecastHub, METROCAST_QUANTILES};

/// The rules of a hub.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Its name.
    pub hub: &'static str,
    /// What it takes.
    pub tasks: &'static [Task],
    /// Whether locations are FIPS codes and `US`; otherwise they are any names.
    pub has_fips: bool,
}

/// A target in a form, and what it may look like.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// The target.
    pub target: &'static str,
    /// The form.
    pub output_type: OutputType,
    /// The horizons allowed.
    pub horizons: &'static [i32],
    /// The levels or categories, all of which are required; none for samples.
    pub ids: Ids,
    /// The greatest value, if there is one. The least is 0.
    pub maximum: Option<f64>,
    /// Fewest and most trajectories; only for samples.
    pub n_samples: (usize, usize),
}

/// The `output_type_id`s of a task.
#[derive(Debug, Clone, Copy)]
pub enum Ids {
    /// Quantile levels.
    Levels(&'static [f64]),
    /// Categories.
    Categories(&'static [&'static str]),
    /// Names of trajectories, of at most so many characters.
    Names(usize),
}

/// The categories of rate trends.
pub(super) const TRENDS: [&str; 5] = [
    "large_decrease",
    "decrease",
    "stable",
    "increase",
    "large_increase",
];

const FORECAST_HORIZONS: &[i32] = &[-1, 0, 1, 2, 3];
const NOWCAST_HORIZONS: &[i32] = &[0, 1, 2, 3];

const fn quantiles(target: &'static str, maximum: Option<f64>) -> Task {
    Task {
        target,
        output_type: OutputType::Quantile,
        horizons: FORECAST_HORIZONS,
        ids: Ids::Levels(&FLUSIGHT_QUANTILES),
        maximum,
        n_samples: (0, 0),
    }
}

const fn samples(target: &'static str, maximum: Option<f64>, n: usize) -> Task {
    Task {
        target,
        output_type: OutputType::Sample,
        horizons: FORECAST_HORIZONS,
        ids: Ids::Names(15),
        maximum,
        n_samples: (n, n),
    }
}

const fn metrocast(target: &'static str) -> Task {
    Task {
        target,
        output_type: OutputType::Quantile,
        horizons: NOWCAST_HORIZONS,
        ids: Ids::Levels(&METROCAST_QUANTILES),
        maximum: Some(100.0),
        n_samples: (0, 0),
    }
}

const SHARE: Option<f64> = Some(1.0);

const FLUSIGHT: Rules = Rules {
    hub: "FluSight",
    tasks: &[
        quantiles("wk inc flu hosp", None),
        quantiles("wk inc flu prop ed visits", SHARE),
        samples("wk inc flu hosp", None, 100),
        samples("wk inc flu prop ed visits", SHARE, 100),
        Task {
            target: "wk flu hosp rate change",
            output_type: OutputType::Pmf,
            horizons: NOWCAST_HORIZONS,
            ids: Ids::Categories(&TRENDS),
            maximum: Some(1.0),
            n_samples: (0, 0),
        },
    ],
    has_fips: true,
};

const METROCAST: Rules = Rules {
    hub: "Flu MetroCast",
    tasks: &[
        metrocast("Flu ED visits pct"),
        metrocast("ILI ED visits pct"),
    ],
    has_fips: false,
};

const COVID19: Rules = Rules {
    hub: "COVID-19 Forecast Hub",
    tasks: &[
        quantiles("wk inc covid hosp", None),
        quantiles("wk inc covid prop ed visits", SHARE),
        samples("wk inc covid hosp", None, 200),
        samples("wk inc covid prop ed visits", SHARE, 200),
    ],
    has_fips: true,
};

const RSV: Rules = Rules {
    hub: "RSV Forecast Hub",
    tasks: &[
        quantiles("wk inc rsv hosp", None),
        quantiles("wk inc rsv prop ed visits", SHARE),
        samples("wk inc rsv hosp", None, 200),
        samples("wk inc rsv prop ed visits", SHARE, 200),
    ],
    has_fips: true,
};

/// The rules of a hub.
#[must_use]
pub const fn rules(hub: ForecastHub) -> &'static Rules {
    match hub {
        ForecastHub::FluSight => &FLUSIGHT,
        ForecastHub::Metrocast => &METROCAST,
        ForecastHub::Covid19 => &COVID19,
        ForecastHub::Rsv => &RSV,
    }
}
