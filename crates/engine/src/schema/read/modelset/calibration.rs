//! `calibration`.

use jiff::Span;

use super::super::fields::{Fields, value_of};
use super::super::model::Given;
use super::super::output::Columns;
use super::super::reader::{Item, Reader};
use crate::calibration::DistanceFunction;
use crate::calibration::abc::Strategy;
use crate::limits::Limit;
use crate::priors::Prior;
use crate::schema::basemodel::{InitialCondition, Parameter, StartDate};
use crate::schema::modelset::Distribution;
use crate::schema::modelset::calibration::{
    Calibration, Comparison, FittingWindow, LocationFormat, Projection, StartDatePrior,
    overrules_prior,
};

const KEYS: &[&str] = &[
    "strategy",
    "distance_function",
    "observed_data_path",
    "comparison",
    "fitting_window",
    "start_date",
    "parameters",
    "compartments",
    "projection",
    "post_hoc_transformation",
];
/// A comparison's keys; the last two are older names of the first two.
const COMPARISON_KEYS: &[&str] = &[
    "observed_value_column",
    "observed_date_column",
    "observed_location_column",
    "observed_location_format",
    "simulation",
    "observed",
    "obs_date",
];
const LOCATION_FORMATS: &[&str] = &[
    "ISO",
    "FIPS",
    "abbreviation",
    "name",
    "epydemix_population",
    "metrocast_location_id",
];
const DEFAULT_LOCATION_COLUMN: &str = "geo_value";

impl<'d> Reader<'d> {
    pub(super) fn calibration(
        &mut self,
        item: &Item<'d>,
        given: &Given<'_>,
    ) -> Option<Calibration> {
        let fields = self.fields(item, KEYS)?;
        self.refuse_functions(&fields);
        let strategy = self
            .required(&fields, "strategy")
            .and_then(|item| self.strategy(&item));
        let distance = self.distance(&fields);
        let observed_data_path = self
            .required(&fields, "observed_data_path")
            .and_then(|item| self.name(&item));
        let comparison = self
            .required(&fields, "comparison")
            .and_then(|item| self.comparisons(&item, given));
        let fitting_window = self
            .required(&fields, "fitting_window")
            .and_then(|item| self.fitting_window(&item, given));
        let start_date = match fields.optional("start_date") {
            Some(item) => self
                .start_date_prior(&item, fitting_window.as_ref())
                .map(Some),
            None => Some(None),
        };
        let parameters = self.priors(&fields, "parameters");
        let compartments = self.priors(&fields, "compartments");
        let projection = match fields.optional("projection") {
            Some(item) => {
                let num_generations = strategy.as_ref().map(Strategy::num_generations);
                self.projection(&item, num_generations).map(Some)
            }
            None => Some(None),
        };
        let calibration = Calibration {
            strategy: strategy?,
            distance: distance?,
            observed_data_path: observed_data_path?,
            comparison: comparison?,
            fitting_window: fitting_window?,
            start_date: start_date?,
            parameters: parameters?,
            compartments: compartments?,
            projection: projection?,
        };
        self.check_calibrated(item, &calibration, given);
        Some(calibration)
    }

    /// Functions of the user's own, which are Python.
    fn refuse_functions(&mut self, fields: &Fields<'d>) {
        let function = fields
            .optional("distance_function")
            .filter(|item| item.node.as_mapping().is_some());
        let transformation = fields.optional("post_hoc_transformation");
        for (item, limit) in [
            (function, Limit::DistanceFunction),
            (transformation, Limit::PostHocTransformation),
        ] {
            if let Some(item) = item {
                let message =
                    "functions of your own are Python, which the native engine doesn't run";
                self.beyond(&item, limit, message);
            }
        }
    }

    fn distance(&mut self, fields: &Fields<'d>) -> Option<DistanceFunction> {
        const NAMES: &[&str] = &["rmse", "wmape", "ae", "mae", "mape", "wrmse"];
        let Some(item) = fields.optional("distance_function") else {
            return Some(DistanceFunction::Rmse);
        };
        if item.node.as_mapping().is_some() {
            return None;
        }
        DistanceFunction::find(self.choice(&item, NAMES)?)
    }

    fn comparisons(&mut self, item: &Item<'d>, given: &Given<'_>) -> Option<Vec<Comparison>> {
        let elements = self.elements(item, "a list of comparisons")?;
        if elements.is_empty() {
            self.expected(item, "at least one comparison");
            return None;
        }
        for other in elements.iter().skip(1) {
            let message = "only the first comparison is fitted; this one names a column of the \
                           projection";
            self.warn(other, message, None);
        }
        let comparisons: Vec<Option<Comparison>> = elements
            .iter()
            .map(|element| self.comparison(element, given))
            .collect();
        comparisons.into_iter().collect()
    }

    fn comparison(&mut self, item: &Item<'d>, given: &Given<'_>) -> Option<Comparison> {
        let fields = self.fields(item, COMPARISON_KEYS)?;
        let value_column = self.either(&fields, "observed_value_column", "observed");
        let date_column = self.either(&fields, "observed_date_column", "obs_date");
        let location_column = match fields.optional("observed_location_column") {
            Some(item) => self.name(&item),
            None => Some(DEFAULT_LOCATION_COLUMN.to_owned()),
        };
        let format = match fields.optional("observed_location_format") {
            Some(item) => self.location_format(&item),
            None => Some(LocationFormat::Iso),
        };
        let simulation = self
            .required(&fields, "simulation")
            .and_then(|item| self.compared(&item, given));
        Some(Comparison {
            observed_value_column: value_column?,
            observed_date_column: date_column?,
            observed_location_column: location_column?,
            observed_location_format: format?,
            simulation: simulation?,
        })
    }

    /// A name under its key, or under the key's older name.
    fn either(&mut self, fields: &Fields<'d>, key: &str, older: &str) -> Option<String> {
        let item = match fields.optional(key).or_else(|| fields.optional(older)) {
            Some(item) => item,
            None => self.required(fields, key)?,
        };
        self.name(&item)
    }

    fn location_format(&mut self, item: &Item<'d>) -> Option<LocationFormat> {
        match self.choice(item, LOCATION_FORMATS)? {
            "ISO" => Some(LocationFormat::Iso),
            "FIPS" => Some(LocationFormat::Fips),
            "abbreviation" => Some(LocationFormat::Abbreviation),
            "name" => Some(LocationFormat::Name),
            "epydemix_population" => Some(LocationFormat::Epydemix),
            _ => {
                self.metrocast(item);
                None
            }
        }
    }

    /// Columns of transitions.
    fn compared(&mut self, item: &Item<'d>, given: &Given<'_>) -> Option<Vec<String>> {
        let columns = self.elements(item, "a list of transitions")?;
        if columns.is_empty() {
            self.expected(item, "at least one transition");
            return None;
        }
        let names: Vec<Option<String>> = columns
            .iter()
            .map(|column| {
                let name = self.name(column)?;
                let names = given.names.as_ref();
                let is_there = names
                    .is_none_or(|names| self.is_column(column, &name, Columns::Transitions, names));
                is_there.then_some(name)
            })
            .collect();
        names.into_iter().collect()
    }

    fn fitting_window(&mut self, item: &Item<'d>, given: &Given<'_>) -> Option<FittingWindow> {
        let keys = &["start_date", "end_date", "window_start", "window_end"];
        let fields = self.fields(item, keys)?;
        let start = self.either_item(&fields, "start_date", "window_start");
        let end = self.either_item(&fields, "end_date", "window_end");
        let (start, end) = (start?, end?);
        let (start_date, end_date) = (self.date(&start), self.date(&end));
        let window = FittingWindow {
            start_date: start_date?,
            end_date: end_date?,
        };
        if window.end_date <= window.start_date {
            let message = format!(
                "the fitting window ends on {}, not after its start on {}",
                window.end_date, window.start_date
            );
            self.error(&end, message);
            return None;
        }
        if let Some(timespan) = given.timespan() {
            if window.end_date > timespan.end_date {
                let message = format!(
                    "the fitting window ends on {}, after the simulation on {}",
                    window.end_date, timespan.end_date
                );
                self.error(&end, message);
            }
            if let StartDate::Date(first) = timespan.start_date
                && window.start_date < first
            {
                let message = format!(
                    "the fitting window starts on {}, before the simulation on {first}, which \
                     counts as zero until then",
                    window.start_date
                );
                self.warn(&start, message, None);
            }
        }
        Some(window)
    }

    fn either_item(&mut self, fields: &Fields<'d>, key: &str, older: &str) -> Option<Item<'d>> {
        match fields.optional(key).or_else(|| fields.optional(older)) {
            Some(item) => Some(item),
            None => self.required(fields, key),
        }
    }

    fn start_date_prior(
        &mut self,
        item: &Item<'d>,
        window: Option<&FittingWindow>,
    ) -> Option<StartDatePrior> {
        let fields = self.fields(item, &["reference_date", "prior", "distribution"])?;
        self.warn_of(&fields, "distribution", "calibration uses `prior`");
        let reference = self.required(&fields, "reference_date");
        let reference_date = reference.and_then(|item| self.date(&item));
        let prior_item = self.required(&fields, "prior")?;
        let (distribution, prior) = self.prior(&prior_item)?;
        let reference_date = reference_date?;
        let latest = latest_day(&prior);
        let last = latest.and_then(|days| reference_date.checked_add(Span::new().days(days)).ok());
        match (last, window) {
            (Some(last), Some(window)) if last > window.end_date => {
                let message = format!(
                    "simulations may start as late as {last}, after the fitting window ends on {}",
                    window.end_date
                );
                let hint = "lower the prior's upper end";
                self.error_with_hint(&prior_item, message, hint);
                return None;
            }
            (None, _) => {
                let message = "the prior has no latest day, so that a simulation may start after \
                               the fitting window";
                self.error_with_hint(&prior_item, message, "use one with bounds, as `randint`");
                return None;
            }
            _ => {}
        }
        Some(StartDatePrior {
            reference_date,
            prior: distribution,
        })
    }

    fn priors(
        &mut self,
        fields: &Fields<'d>,
        section: &str,
    ) -> Option<Vec<(String, Distribution)>> {
        let Some(item) = fields.optional(section) else {
            return Some(Vec::new());
        };
        let entries = self.entries(&item, "a mapping of priors by name")?;
        let priors: Vec<Option<(String, Distribution)>> = entries
            .into_iter()
            .map(|(name, key)| {
                let described = Item {
                    node: value_of(&item, &name)?,
                    path: key.path,
                };
                let fields = self.fields(&described, &["prior"])?;
                let prior = self.required(&fields, "prior")?;
                let (distribution, _) = self.prior(&prior)?;
                Some((name, distribution))
            })
            .collect();
        priors.into_iter().collect()
    }

    fn projection(&mut self, item: &Item<'d>, num_generations: Option<u32>) -> Option<Projection> {
        let fields = self.fields(item, &["n_trajectories", "generation_number"])?;
        let item = self.required(&fields, "n_trajectories")?;
        let n_trajectories = self.whole(&item, 1, i128::from(u32::MAX));
        let generation_number = match fields.optional("generation_number") {
            Some(item) => {
                let last = num_generations.map_or(i128::from(u32::MAX), |n| i128::from(n) - 1);
                self.whole(&item, 0, last).map(Some)
            }
            None => Some(None),
        };
        Some(Projection {
            n_trajectories: u32::try_from(n_trajectories?).ok()?,
            generation_number: generation_number?.and_then(|number| u32::try_from(number).ok()),
        })
    }

    /// Compares what has priors with what the base model leaves to calibration.
    fn check_calibrated(&mut self, item: &Item<'d>, calibration: &Calibration, given: &Given<'_>) {
        let parameters: Vec<&str> = calibration
            .parameters
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let compartments: Vec<&str> = calibration
            .compartments
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        if parameters.is_empty() && compartments.is_empty() && calibration.start_date.is_none() {
            self.error(
                item,
                "nothing has a prior: neither `parameters` nor `compartments` nor `start_date`",
            );
        }
        self.check_parameters(item, &parameters, given, |parameter| {
            matches!(parameter, Parameter::Calibrated)
        });
        self.check_compartments(item, &compartments, given, |condition| {
            matches!(condition, InitialCondition::Calibrated)
        });
        if given.start_date() == Some(StartDate::Calibrated) && calibration.start_date.is_none() {
            self.error(
                item,
                "the base model's `start_date` is `calibrated`, and there is no prior for it",
            );
        }
        for (name, parameter) in given.parameters().unwrap_or_default() {
            let overrules = parameter.is_some_and(|parameter| overrules_prior(name, parameter));
            if overrules && parameters.contains(&name) {
                let message = format!(
                    "`{name}` has a value in the base model, which wins: its prior has no effect"
                );
                self.warn(
                    item,
                    message,
                    Some("make it `type: calibrated` there".to_owned()),
                );
            }
        }
    }
}

/// The greatest number of whole days that a prior can give.
fn latest_day(prior: &Prior) -> Option<i32> {
    let (_, high) = prior.support();
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    (high.abs() < 1e6).then_some(high.floor() as i32)
}
