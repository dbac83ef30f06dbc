//! Submission formats of modelling hubs. A simulation workflow has nothing to submit.

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::super::scalars::as_boolean;
use super::surveillance::Sources;
use crate::schema::output::{
    ForecastHub, ForecastOutput, HubOutput, LocationForm, METROCAST_QUANTILES, PropEd,
    PropEdStrategy, SamplesOutput, SurveillanceSource, default_levels,
};

/// The keys of hub formats. (`rsv_format` is our own; the suite has none.)
const HUBS: [(&str, ForecastHub); 3] = [
    ("flusight_format", ForecastHub::FluSight),
    ("covid19_format", ForecastHub::Covid19),
    ("rsv_format", ForecastHub::Rsv),
];
const SCENARIO_HUB: &str = "flusmh_format";
/// `rate_trends` is the key of suite 0.1.0, `rate_trends_source` the newer one.
const FLUSIGHT_KEYS: &[&str] = &[
    "reference_date",
    "hospitalizations",
    "rate_trends",
    "rate_trends_source",
    "prop_ed",
    "quantiles",
    "metrocast",
    "samples",
];
/// What the suite's formats for other hubs could have: it knows no key of theirs.
const FORECAST_KEYS: &[&str] = &[
    "reference_date",
    "hospitalizations",
    "prop_ed",
    "quantiles",
    "samples",
];
const RATE_TREND_KEYS: &[&str] = &[
    "observed_data_path",
    "observed_value_column",
    "observed_date_column",
    "observed_location_column",
];
const PROP_ED_KEYS: &[&str] = &[
    "target",
    "strategy",
    "transition_name",
    "ed_source",
    "hosp_source",
    "fit_start",
    "fit_end",
    "num_fit_weeks",
];
const STRATEGIES: &[&str] = &["surveillance_window", "calibration_window", "transition"];

/// As many samples as the hubs ask for.
const N_SAMPLES: u32 = 100;
const SAMPLE_METHODS: &[&str] = &["random"];

impl<'d> Reader<'d> {
    /// The hub format, of which there can be one.
    pub(super) fn hub_formats(
        &mut self,
        output: &Fields<'d>,
        sources: &Sources,
    ) -> Option<HubOutput> {
        let mut wanted: Option<(&str, Option<HubOutput>)> = None;
        let keys = HUBS.map(|(key, hub)| (key, Some(hub)));
        for (key, hub) in keys.into_iter().chain([(SCENARIO_HUB, None)]) {
            let Some(item) = output.optional(key) else {
                continue;
            };
            if let (Some((first, _)), Some(at)) = (&wanted, output.key(key)) {
                let message = format!("a second hub format beside `{first}`; there can be one");
                self.error(&at, message);
            }
            let read = match hub {
                Some(hub) => self
                    .forecast(&item, hub, sources)
                    .map(|forecast| HubOutput::Forecast(Box::new(forecast))),
                None => self.scenario(&item).map(HubOutput::Scenario),
            };
            wanted.get_or_insert((key, read));
        }
        wanted.and_then(|(_, hub)| hub)
    }

    fn forecast(
        &mut self,
        item: &Item<'d>,
        hub: ForecastHub,
        sources: &Sources,
    ) -> Option<ForecastOutput> {
        let is_flusight = hub == ForecastHub::FluSight;
        let fields = self.fields(
            item,
            if is_flusight {
                FLUSIGHT_KEYS
            } else {
                FORECAST_KEYS
            },
        )?;
        let reference = match is_flusight {
            true => self.required(&fields, "reference_date"),
            false => fields.optional("reference_date"),
        };
        let reference_date = reference.and_then(|item| self.date(&item));
        let metrocast = fields
            .optional("metrocast")
            .filter(|_| is_flusight)
            .and_then(|item| self.boolean(&item));
        let hub = match metrocast {
            Some(true) => ForecastHub::Metrocast,
            _ => hub,
        };
        let hospitalizations = self.admissions(&fields, hub);
        let rate_trends = is_flusight
            .then(|| self.rate_trends(&fields, sources))
            .flatten();
        let prop_ed = fields.optional("prop_ed");
        let prop_ed = prop_ed.and_then(|item| self.prop_ed(&item, hub, sources));
        let quantiles = fields.optional("quantiles");
        let quantiles = quantiles.map(|item| self.probabilities(&item));
        Some(ForecastOutput {
            hub,
            reference_date,
            hospitalizations,
            rate_trends,
            prop_ed,
            // As in the suite, metrocast's levels are what they are.
            quantiles: match (hub, quantiles) {
                (ForecastHub::Metrocast, _) => METROCAST_QUANTILES.to_vec(),
                (_, Some(levels)) => levels,
                (_, None) => default_levels(self.suite_behaviour),
            },
            samples: fields
                .optional("samples")
                .and_then(|item| self.samples(&item)),
        })
    }

    /// The name of the target that counts admissions, unless it is switched off by an empty key.
    fn admissions(&mut self, fields: &Fields<'d>, hub: ForecastHub) -> Option<String> {
        let default = || Some(hub.admissions().to_owned());
        let Some(item) = fields.optional("hospitalizations") else {
            return match fields.key("hospitalizations") {
                Some(_) => None,
                None => default(),
            };
        };
        let fields = self.fields(&item, &["target"])?;
        match fields.optional("target") {
            Some(item) => self.text(&item),
            None => default(),
        }
    }

    fn rate_trends(
        &mut self,
        fields: &Fields<'d>,
        sources: &Sources,
    ) -> Option<SurveillanceSource> {
        let newer = self.source(fields, "rate_trends_source", sources);
        let older = fields.optional("rate_trends");
        let older = older.and_then(|item| self.older_rate_trends(&item));
        newer.or(older)
    }

    /// The source as suite 0.1.0 has it, within the section.
    fn older_rate_trends(&mut self, item: &Item<'d>) -> Option<SurveillanceSource> {
        let fields = self.fields(item, RATE_TREND_KEYS)?;
        let mut texts = Vec::with_capacity(RATE_TREND_KEYS.len());
        for key in RATE_TREND_KEYS {
            let item = self.required(&fields, key);
            texts.push(item.and_then(|item| self.text(&item)));
        }
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        Some(SurveillanceSource {
            name: "rate_trends".to_owned(),
            data_path: next()?,
            value_column: next()?,
            date_column: next()?,
            location_column: next()?,
            location_form: LocationForm::Iso,
        })
    }

    fn samples(&mut self, item: &Item<'d>) -> Option<SamplesOutput> {
        if let Some(wanted) = as_boolean(item) {
            return wanted.then_some(SamplesOutput {
                n_samples: N_SAMPLES,
                seed: None,
            });
        }
        let fields = self.fields(item, &["n_samples", "method", "seed"])?;
        if let Some(item) = fields.optional("method") {
            self.choice(&item, SAMPLE_METHODS);
        }
        let n_samples = fields.optional("n_samples");
        let n_samples = n_samples.map(|item| self.whole(&item, 1, i128::from(u32::MAX)));
        let seed = fields.optional("seed");
        let seed = seed.and_then(|item| self.whole(&item, 0, i128::from(u64::MAX)));
        Some(SamplesOutput {
            n_samples: match n_samples {
                Some(number) => number.and_then(|number| u32::try_from(number).ok())?,
                None => N_SAMPLES,
            },
            seed: seed.and_then(|seed| u64::try_from(seed).ok()),
        })
    }

    fn prop_ed(&mut self, item: &Item<'d>, hub: ForecastHub, sources: &Sources) -> Option<PropEd> {
        let fields = self.fields(item, PROP_ED_KEYS)?;
        let target = fields.optional("target");
        let target = match target {
            Some(item) => self.text(&item),
            None => Some(hub.emergency().to_owned()),
        };
        let transition = fields.optional("transition_name");
        let transition = transition.and_then(|item| self.text(&item));
        let emergency = self.source(&fields, "ed_source", sources);
        let hospital = self.source(&fields, "hosp_source", sources);
        let start = fields.optional("fit_start");
        let start = start.and_then(|item| self.date(&item));
        let end_item = fields.optional("fit_end");
        let end = end_item.as_ref().and_then(|item| self.date(item));
        let n_weeks = fields.optional("num_fit_weeks");
        let n_weeks = n_weeks.and_then(|item| self.whole(&item, 1, i128::from(u32::MAX)));

        let strategy = self.required(&fields, "strategy")?;
        let strategy = self.choice(&strategy, STRATEGIES)?;
        let needed: &[&str] = match strategy {
            "surveillance_window" => &["ed_source", "hosp_source", "fit_start", "fit_end"],
            "calibration_window" => &["ed_source", "num_fit_weeks"],
            _ => &["transition_name"],
        };
        for key in needed {
            self.required(&fields, key);
        }
        if let (Some(item), Some(start), Some(end)) = (end_item, start, end)
            && strategy == "surveillance_window"
            && end < start
        {
            self.error(&item, format!("`{end}` is before `fit_start`, `{start}`"));
        }
        for key in PROP_ED_KEYS
            .iter()
            .filter(|key| !["target", "strategy"].contains(key))
        {
            if let Some(at) = fields.key(key).filter(|_| !needed.contains(key)) {
                self.warn(&at, format!("not used with strategy `{strategy}`"), None);
            }
        }
        Some(PropEd {
            target: target?,
            strategy: match strategy {
                "surveillance_window" => PropEdStrategy::SurveillanceWindow {
                    emergency: emergency?,
                    hospital: hospital?,
                    fit_start: start?,
                    fit_end: end?,
                },
                "calibration_window" => PropEdStrategy::CalibrationWindow {
                    emergency: emergency?,
                    n_weeks: u32::try_from(n_weeks?).ok()?,
                },
                _ => PropEdStrategy::Transition { name: transition? },
            },
        })
    }

    /// Text at a key, if it is there.
    pub(super) fn optional_text(&mut self, fields: &Fields<'d>, key: &str) -> Option<String> {
        fields.optional(key).and_then(|item| self.text(&item))
    }

    /// A list of numbers from 0 to 1.
    pub(super) fn probabilities(&mut self, item: &Item<'d>) -> Vec<f64> {
        let elements = self.elements(item, "a list of quantile levels");
        let mut levels = Vec::new();
        for element in elements.unwrap_or_default() {
            let level = self.number(&element);
            if level.is_some_and(|level| !(0.0..=1.0).contains(&level)) {
                self.expected(&element, "a quantile level from 0 to 1");
            }
            levels.extend(level);
        }
        levels
    }
}
