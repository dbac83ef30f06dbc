//! `timespan` and `simulation`.

use epycloud_errors::Diagnose;
use jiff::civil::{Date, Weekday};

use super::super::Workflow;
use super::super::reader::{Item, Reader};
use super::DRAWN;
use crate::schema::basemodel::{Simulation, StartDate, Timespan};
use crate::simulation::Frequency;

/// More steps than any experiment has; they would not fit in memory.
const MAX_STEPS: f64 = 5e6;
/// The suite's default.
const DEFAULT_SIMS: u32 = 10;

impl<'d> Reader<'d> {
    pub(super) fn timespan(&mut self, item: &Item<'d>, workflow: Workflow) -> Option<Timespan> {
        let fields = self.fields(item, &["start_date", "end_date", "delta_t"])?;
        let start = self.required(&fields, "start_date");
        let start_date = start
            .as_ref()
            .and_then(|item| self.start_date(item, workflow));
        let end = self.required(&fields, "end_date");
        let end_date = end.as_ref().and_then(|item| self.date(item));
        let step = fields.optional("delta_t");
        let delta_t = match &step {
            Some(item) => self.delta_t(item),
            None => Some(1.0),
        };
        if let (Some(StartDate::Date(first)), Some(last), Some(end)) = (start_date, end_date, &end)
        {
            if last < first {
                self.error(end, format!("`{last}` is before the start date `{first}`"));
                return None;
            }
            if let (Some(delta_t), Some(step)) = (delta_t, &step) {
                self.check_steps(step, days_between(first, last) / delta_t);
            }
        }
        Some(Timespan {
            start_date: start_date?,
            end_date: end_date?,
            delta_t: delta_t?,
        })
    }

    fn start_date(&mut self, item: &Item<'_>, workflow: Workflow) -> Option<StartDate> {
        match item.node.as_str() {
            Some(word) if DRAWN.contains(&word) => {
                self.drawn(item, word, workflow);
                Some(if word == "sampled" {
                    StartDate::Sampled
                } else {
                    StartDate::Calibrated
                })
            }
            _ => self.date(item).map(StartDate::Date),
        }
    }

    fn delta_t(&mut self, item: &Item<'_>) -> Option<f64> {
        let value = self.number(item)?;
        if value <= 0.0 {
            self.expected(item, "a step in days greater than 0");
            return None;
        }
        Some(value)
    }

    fn check_steps(&mut self, step: &Item<'_>, n_steps: f64) {
        if n_steps > MAX_STEPS {
            self.error_with_hint(
                step,
                format!(
                    "{} makes {n_steps:.0} steps, more than {MAX_STEPS}",
                    step.node.shown()
                ),
                "delta_t is in days",
            );
        }
    }

    /// `simulation`, which may be missing; without `n_sims`, the suite's default.
    pub(super) fn simulation(
        &mut self,
        item: Option<Item<'d>>,
        timespan: Option<&Timespan>,
    ) -> Option<Simulation> {
        let Some(item) = item else {
            return Some(Simulation {
                n_sims: DEFAULT_SIMS,
                resample_frequency: None,
            });
        };
        let fields = self.fields(&item, &["n_sims", "resample_frequency"])?;
        let n_sims = match fields.optional("n_sims") {
            Some(item) => self
                .whole(&item, 1, i128::from(u32::MAX))
                .and_then(|n_sims| u32::try_from(n_sims).ok()),
            None => Some(DEFAULT_SIMS),
        };
        let resample_frequency = match fields.optional("resample_frequency") {
            Some(item) => Some(self.frequency(&item, timespan)?),
            None => None,
        };
        Some(Simulation {
            n_sims: n_sims?,
            resample_frequency,
        })
    }

    fn frequency(&mut self, item: &Item<'_>, timespan: Option<&Timespan>) -> Option<String> {
        let frequency = self.name(item)?;
        if let Err(error) = frequency.parse::<Frequency>() {
            self.error_with_hint(item, error.to_string(), error.hint().unwrap_or_default());
            return None;
        }
        if let (Some(weekday), Some(timespan)) = (week_end(&frequency), timespan) {
            let found = timespan.end_date.weekday();
            if found != weekday {
                let message = format!(
                    "the last week is incomplete: weeks end on {weekday:?}, but the end date {} is \
                     a {found:?}",
                    timespan.end_date
                );
                self.warn(item, message, None);
            }
        }
        Some(frequency)
    }
}

/// The day on which the weeks of a weekly frequency end.
fn week_end(frequency: &str) -> Option<Weekday> {
    match frequency {
        "W" | "W-SUN" => Some(Weekday::Sunday),
        "W-MON" => Some(Weekday::Monday),
        "W-TUE" => Some(Weekday::Tuesday),
        "W-WED" => Some(Weekday::Wednesday),
        "W-THU" => Some(Weekday::Thursday),
        "W-FRI" => Some(Weekday::Friday),
        "W-SAT" => Some(Weekday::Saturday),
        _ => None,
    }
}

fn days_between(first: Date, last: Date) -> f64 {
    f64::from((last - first).get_days())
}
