//! Submission formats of forecast hubs. The native engine checks them; a simulation workflow has
//! nothing to submit.

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::surveillance::Sources;

const HUBS: [&str; 3] = ["flusight_format", "covid19_format", "flusmh_format"];
/// `rate_trends` is the key of suite 0.1.0, `rate_trends_source` the newer one.
const FLUSIGHT_KEYS: &[&str] = &[
    "reference_date",
    "hospitalizations",
    "rate_trends",
    "rate_trends_source",
    "prop_ed",
    "quantiles",
    "metrocast",
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

impl<'d> Reader<'d> {
    /// Checks the hub formats; returns the keys of those that are asked for.
    pub(super) fn hub_formats(&mut self, output: &Fields<'d>, sources: &Sources) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        for key in HUBS {
            let Some(item) = output.optional(key) else {
                continue;
            };
            if let (Some(first), Some(at)) = (wanted.first(), output.key(key)) {
                let message = format!("a second hub format beside `{first}`; there can be one");
                self.error(&at, message);
            }
            if key == "flusight_format" {
                self.flusight(&item, sources);
            } else {
                self.fields(&item, &[]);
            }
            wanted.push(key.to_owned());
        }
        wanted
    }

    fn flusight(&mut self, item: &Item<'d>, sources: &Sources) {
        let Some(fields) = self.fields(item, FLUSIGHT_KEYS) else {
            return;
        };
        if let Some(date) = self.required(&fields, "reference_date") {
            self.date(&date);
        }
        if let Some(item) = fields.optional("hospitalizations")
            && let Some(fields) = self.fields(&item, &["target"])
        {
            self.optional_text(&fields, "target");
        }
        if let Some(item) = fields.optional("rate_trends")
            && let Some(fields) = self.fields(&item, RATE_TREND_KEYS)
        {
            for key in RATE_TREND_KEYS {
                if let Some(item) = self.required(&fields, key) {
                    self.text(&item);
                }
            }
        }
        self.source(&fields, "rate_trends_source", sources);
        if let Some(item) = fields.optional("prop_ed") {
            self.prop_ed(&item, sources);
        }
        if let Some(item) = fields.optional("quantiles") {
            self.probabilities(&item);
        }
        if let Some(item) = fields.optional("metrocast") {
            self.boolean(&item);
        }
    }

    fn prop_ed(&mut self, item: &Item<'d>, sources: &Sources) {
        let Some(fields) = self.fields(item, PROP_ED_KEYS) else {
            return;
        };
        self.optional_text(&fields, "target");
        self.optional_text(&fields, "transition_name");
        self.source(&fields, "ed_source", sources);
        self.source(&fields, "hosp_source", sources);
        let start = fields
            .optional("fit_start")
            .and_then(|item| self.date(&item));
        let end_item = fields.optional("fit_end");
        let end = end_item.as_ref().and_then(|item| self.date(item));
        if let Some(item) = fields.optional("num_fit_weeks") {
            self.whole(&item, 1, i128::from(u32::MAX));
        }
        let strategy = self.required(&fields, "strategy");
        let Some(strategy) = strategy.and_then(|item| self.choice(&item, STRATEGIES)) else {
            return;
        };
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
    }

    /// Text at a key, if it is there.
    pub(super) fn optional_text(&mut self, fields: &Fields<'d>, key: &str) {
        if let Some(item) = fields.optional(key) {
            self.text(&item);
        }
    }

    /// A list of numbers from 0 to 1.
    pub(super) fn probabilities(&mut self, item: &Item<'d>) {
        for element in self
            .elements(item, "a list of quantile levels")
            .unwrap_or_default()
        {
            let level = self.number(&element);
            if level.is_some_and(|level| !(0.0..=1.0).contains(&level)) {
                self.expected(&element, "a quantile level from 0 to 1");
            }
        }
    }
}
