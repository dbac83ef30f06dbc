//! `strategy` of a calibration.

use epycloud_config::yaml::Value;
use epycloud_errors::nearest;

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::duration;
use crate::calibration::abc::{Rejection, Smc, Strategy, TopFraction};
use crate::limits::Limit;

const SMC: &[&str] = &[
    "num_particles",
    "num_generations",
    "epsilon_schedule",
    "epsilon_quantile_level",
    "minimum_epsilon",
    "max_time",
    "total_simulations_budget",
    "perturbations",
    "verbose",
];
const REJECTION: &[&str] = &[
    "epsilon",
    "num_particles",
    "max_time",
    "total_simulations_budget",
    "verbose",
    "progress_update_interval",
];
const TOP_FRACTION: &[&str] = &["top_fraction", "Nsim", "verbose"];
/// Fewer particles have no spread to propose from.
const LEAST_PARTICLES: i128 = 2;

impl<'d> Reader<'d> {
    pub(super) fn strategy(&mut self, item: &Item<'d>) -> Option<Strategy> {
        let fields = self.fields(item, &["name", "options"])?;
        let name = self.required(&fields, "name")?;
        let written = name.node.written().unwrap_or_default().to_ascii_lowercase();
        let options = fields.optional("options");
        match written.as_str() {
            "smc" => self.smc(options.as_ref()).map(Strategy::Smc),
            "rejection" => self.rejection(options.as_ref()).map(Strategy::Rejection),
            "top_fraction" => self
                .top_fraction(options.as_ref())
                .map(Strategy::TopFraction),
            _ => {
                self.choice(&name, &["smc", "rejection", "top_fraction"]);
                None
            }
        }
    }

    fn smc(&mut self, item: Option<&Item<'d>>) -> Option<Smc> {
        let default = Smc::default();
        let Some(item) = item else {
            return Some(default);
        };
        let options = self.options(item, SMC)?;
        if let Some(at) = options
            .key("perturbations")
            .filter(|_| options.optional("perturbations").is_some())
        {
            let message = "the native engine has epydemix's default perturbations only";
            self.beyond(&at, Limit::Perturbations, message);
        }
        let num_particles = self.count(
            &options,
            "num_particles",
            LEAST_PARTICLES,
            default.num_particles,
        );
        let num_generations = self.count(&options, "num_generations", 1, default.num_generations);
        let epsilon_schedule = match options.optional("epsilon_schedule") {
            Some(item) => self.schedule(&item, num_generations).map(Some),
            None => Some(None),
        };
        let level = self.option(&options, "epsilon_quantile_level", Self::share);
        let minimum_epsilon = self.option(&options, "minimum_epsilon", Self::non_negative);
        let max_seconds = self.option(&options, "max_time", Self::seconds);
        let budget = self.option(&options, "total_simulations_budget", Self::budget);
        Some(Smc {
            num_particles: num_particles?,
            num_generations: num_generations?,
            epsilon_schedule: epsilon_schedule?,
            epsilon_quantile_level: level?.unwrap_or(default.epsilon_quantile_level),
            minimum_epsilon: minimum_epsilon?,
            max_seconds: max_seconds?,
            total_simulations_budget: budget?,
        })
    }

    fn rejection(&mut self, item: Option<&Item<'d>>) -> Option<Rejection> {
        let default = Rejection::default();
        let Some(item) = item else {
            return Some(default);
        };
        let options = self.options(item, REJECTION)?;
        let epsilon = self.option(&options, "epsilon", Self::non_negative);
        let num_particles = self.count(&options, "num_particles", 1, default.num_particles);
        let max_seconds = self.option(&options, "max_time", Self::seconds);
        let budget = self.option(&options, "total_simulations_budget", Self::budget);
        Some(Rejection {
            epsilon: epsilon?.unwrap_or(default.epsilon),
            num_particles: num_particles?,
            max_seconds: max_seconds?,
            total_simulations_budget: budget?,
        })
    }

    fn top_fraction(&mut self, item: Option<&Item<'d>>) -> Option<TopFraction> {
        let default = TopFraction::default();
        let Some(item) = item else {
            return Some(default);
        };
        let options = self.options(item, TOP_FRACTION)?;
        let top_fraction = self.option(&options, "top_fraction", Self::share);
        let n_simulations = self.count(&options, "Nsim", 1, default.n_simulations);
        Some(TopFraction {
            top_fraction: top_fraction?.unwrap_or(default.top_fraction),
            n_simulations: n_simulations?,
        })
    }

    /// Options, of which an unknown one is an error, as it is to epydemix.
    fn options(&mut self, item: &Item<'d>, known: &'static [&'static str]) -> Option<Fields<'d>> {
        let entries = self.entries(item, "a mapping of options")?;
        for (name, at) in &entries {
            if known.contains(&name.as_str()) {
                continue;
            }
            let hint = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known.join(", ")),
            };
            self.error_with_hint(at, format!("the strategy has no option `{name}`"), hint);
        }
        Some(Fields { item: item.clone() })
    }

    /// An option's value, `Some(None)` where it isn't given.
    fn option<T>(
        &mut self,
        options: &Fields<'d>,
        key: &str,
        read: fn(&mut Self, &Item<'d>) -> Option<T>,
    ) -> Option<Option<T>> {
        match options.optional(key) {
            Some(item) => read(self, &item).map(Some),
            None => Some(None),
        }
    }

    fn count(&mut self, options: &Fields<'d>, key: &str, least: i128, default: u32) -> Option<u32> {
        match options.optional(key) {
            Some(item) => {
                let count = self.whole(&item, least, i128::from(u32::MAX))?;
                u32::try_from(count).ok()
            }
            None => Some(default),
        }
    }

    fn share(&mut self, item: &Item<'d>) -> Option<f64> {
        let value = self.number(item)?;
        if !(0.0..=1.0).contains(&value) {
            self.expected(item, "a number from 0 to 1");
            return None;
        }
        Some(value)
    }

    fn budget(&mut self, item: &Item<'d>) -> Option<u64> {
        let budget = self.whole(item, 1, i128::from(u64::MAX))?;
        u64::try_from(budget).ok()
    }

    fn seconds(&mut self, item: &Item<'d>) -> Option<f64> {
        let seconds = match &item.node.value {
            Value::Text(text) => duration::seconds(text),
            _ => None,
        };
        if seconds.is_none() {
            self.expected(item, "a length of time such as `30m`, `2h` or `1D`");
        }
        seconds
    }

    fn schedule(&mut self, item: &Item<'d>, num_generations: Option<u32>) -> Option<Vec<f64>> {
        let schedule = self.numbers(item)?;
        let needed = num_generations? as usize;
        if schedule.len() < needed {
            let message = format!("{} thresholds for {needed} generations", schedule.len());
            self.error(item, message);
            return None;
        }
        Some(schedule)
    }
}
