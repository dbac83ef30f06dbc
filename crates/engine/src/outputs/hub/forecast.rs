//! Submissions to hubs of weekly forecasts.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::error::HubFault;
use super::observations::Observations;
use super::populations::people;
use super::prop_ed::factor;
use super::row::{HubRow, OutputType, end_of, table};
use super::rules::rules;
use super::samples::pick;
use super::trends::Baseline;
use super::validate::validate;
use crate::calibration::CalibrationResult;
use crate::model::DataSources;
use crate::outputs::calibration::{CheckedCalibration, CheckedProjection};
use crate::outputs::plain::PlainTable;
use crate::outputs::python_float;
use crate::outputs::quantile::quantile_of_sorted;
use crate::schema::output::{
    ForecastHub, ForecastOutput, LocationForm, PropEdStrategy, SamplesOutput, hub_location,
};

/// The column that the suite's forecasts are of.
pub(in crate::outputs) const ADMISSIONS: &str = "hospitalizations";

/// The rows of a submission, gathered task by task.
#[derive(Debug)]
pub(in crate::outputs) struct ForecastTable {
    output: ForecastOutput,
    admissions: Vec<HubRow>,
    shares: Vec<HubRow>,
    trends: Vec<HubRow>,
    samples: Vec<HubRow>,
    /// Places that have samples.
    sampled: BTreeSet<String>,
}

/// A task's trajectories at the hub's horizons.
struct Horizons {
    location: String,
    population: String,
    reference_date: Date,
    horizons: Vec<i32>,
    /// Row of each horizon in the projection.
    rows: Vec<usize>,
}

/// A task's shares of emergency visits.
enum Shares {
    /// Admissions times a factor.
    Rescaled(f64),
    /// For each horizon, every trajectory.
    Projected(Vec<Vec<f64>>),
}

/// How the values of a target are written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    /// Whole and not negative.
    People,
    /// From 0 to a greatest value.
    UpTo(f64),
}

impl Unit {
    fn of(target: &str) -> Self {
        if target.ends_with("pct") {
            Self::UpTo(100.0)
        } else if target.ends_with("prop ed visits") {
            Self::UpTo(1.0)
        } else {
            Self::People
        }
    }

    /// Half of people are rounded to even, as numpy does.
    fn normalize(self, value: f64) -> f64 {
        match self {
            Self::People => value.max(0.0).round_ties_even(),
            Self::UpTo(greatest) => value.clamp(0.0, greatest),
        }
    }
}

impl ForecastTable {
    pub(in crate::outputs) fn new(output: &ForecastOutput) -> Self {
        Self {
            output: output.clone(),
            admissions: Vec::new(),
            shares: Vec::new(),
            trends: Vec::new(),
            samples: Vec::new(),
            sampled: BTreeSet::new(),
        }
    }

    /// Whether a factor turns admissions into shares.
    pub(in crate::outputs) fn has_factor(&self) -> bool {
        let prop_ed = self.output.prop_ed.as_ref();
        prop_ed.is_some_and(|shares| !matches!(shares.strategy, PropEdStrategy::Transition { .. }))
    }

    /// Adds a task's forecasts; what it has no numbers for becomes a warning. Returns the factor
    /// that turns its admissions into shares.
    pub(in crate::outputs) fn push(
        &mut self,
        result: &CalibrationResult,
        checked: &CheckedCalibration,
        observations: &mut Observations,
        sources: &DataSources,
        warnings: &mut BTreeSet<String>,
    ) -> Option<f64> {
        let projection = checked.projection.as_ref()?;
        let mut warn = |what: &str, fault: HubFault| {
            let task = checked.primary_id;
            warnings.insert(format!(
                "the submission has no {what} of task `{task}`: {fault}"
            ));
        };
        let at = match Horizons::new(&self.output, checked, projection) {
            Ok(at) => at,
            Err(fault) => {
                warn("forecasts", fault);
                return None;
            }
        };
        let admissions = self.admissions(&at, projection);
        if admissions.is_none() {
            warn("admissions", HubFault::Column(ADMISSIONS.to_owned()));
        }
        let shares = self
            .shares(&at, result, checked, observations, sources)
            .unwrap_or_else(|fault| {
                warn("share of emergency visits", fault);
                None
            });
        if let Some(admissions) = &admissions
            && let Err(fault) = self.trends(&at, admissions, observations, sources)
        {
            warn("rate trends", fault);
        }
        if let Some(samples) = self.output.samples
            && let Some(admissions) = &admissions
            && let Some(message) = self.samples(&at, samples, checked, admissions, shares.as_ref())
        {
            warnings.insert(message);
        }
        match shares {
            Some(Shares::Rescaled(factor)) => Some(factor),
            Some(Shares::Projected(_)) | None => None,
        }
    }

    /// Adds quantiles of admissions; returns the trajectories at each horizon.
    fn admissions(
        &mut self,
        at: &Horizons,
        projection: &CheckedProjection,
    ) -> Option<Vec<Vec<f64>>> {
        let column = projection.main_column(ADMISSIONS)?;
        let values = at.values(projection, column);
        if let Some(target) = &self.output.hospitalizations {
            let unit = Unit::of(target);
            let rows = at.quantiles(target, &self.output.quantiles, &values);
            self.admissions.extend(rows.into_iter().map(|row| HubRow {
                value: unit.normalize(row.value),
                ..row
            }));
        }
        Some(values)
    }

    /// Adds quantiles of shares.
    fn shares(
        &mut self,
        at: &Horizons,
        result: &CalibrationResult,
        checked: &CheckedCalibration,
        observations: &mut Observations,
        sources: &DataSources,
    ) -> Result<Option<Shares>, HubFault> {
        let (Some(prop_ed), Some(projection)) = (&self.output.prop_ed, &checked.projection) else {
            return Ok(None);
        };
        let (target, unit) = (&prop_ed.target, Unit::of(&prop_ed.target));
        let column = match &prop_ed.strategy {
            PropEdStrategy::Transition { name } => {
                let column = projection.column("flusight_format.prop_ed", name);
                column.map_err(|_| HubFault::Column(name.clone()))?
            }
            _ => {
                let column = projection.main_column(ADMISSIONS).cloned();
                column.ok_or_else(|| HubFault::Column(ADMISSIONS.to_owned()))?
            }
        };
        let factor = factor(&prop_ed.strategy, result, checked, observations, sources)?;
        let values = at.values(projection, &column);
        let rows = at.quantiles(target, &self.output.quantiles, &values);
        self.shares.extend(rows.into_iter().map(|row| {
            let share = match factor {
                // The suite rescales the admissions that it submits, which are whole.
                Some(factor) => Unit::People.normalize(row.value) * factor,
                None => row.value,
            };
            HubRow {
                value: unit.normalize(share),
                ..row
            }
        }));
        Ok(Some(factor.map_or_else(
            || Shares::Projected(values),
            Shares::Rescaled,
        )))
    }

    fn trends(
        &mut self,
        at: &Horizons,
        admissions: &[Vec<f64>],
        observations: &mut Observations,
        sources: &DataSources,
    ) -> Result<(), HubFault> {
        let (Some(source), Some(_)) = (&self.output.rate_trends, &self.output.hospitalizations)
        else {
            return Ok(());
        };
        let date = end_of(at.reference_date, -1);
        let observed = observations.of(source, &at.population, sources)?;
        let on_date = observed.iter().find(|(observed, _)| *observed == date);
        let &(_, observed) = on_date.ok_or_else(|| HubFault::NoObservation {
            name: source.name.clone(),
            location: at.population.clone(),
            date,
        })?;
        let baseline = Baseline {
            observed,
            people: people(&at.location, sources)?,
            behaviour: sources.suite_behaviour,
        };
        let from_zero: Vec<Vec<f64>> = at
            .horizons
            .iter()
            .zip(admissions)
            .filter(|(horizon, _)| **horizon >= 0)
            .map(|(_, values)| values.clone())
            .collect();
        let rows = baseline.rows(&at.location, at.reference_date, &from_zero);
        self.trends.extend(rows);
        Ok(())
    }

    /// Adds trajectories; returns what is wrong with them.
    fn samples(
        &mut self,
        at: &Horizons,
        samples: SamplesOutput,
        checked: &CheckedCalibration,
        admissions: &[Vec<f64>],
        shares: Option<&Shares>,
    ) -> Option<String> {
        let location = &at.location;
        if !self.sampled.insert(location.clone()) {
            return Some(format!(
                "more than one task forecasts `{location}`; trajectories are those of the first"
            ));
        }
        let wanted = samples.n_samples as usize;
        let n_all = admissions.first()?.len();
        let picked = pick(n_all, wanted, samples.seed.unwrap_or(checked.seed));
        let prefix = LocationForm::Abbreviation
            .of(&at.population)
            .unwrap_or_else(|| location.as_str().into());
        let mut add = |target: &str, values: &[Vec<f64>], factor: f64| {
            let unit = Unit::of(target);
            for (number, &trajectory) in picked.iter().enumerate() {
                for (&horizon, values) in at.horizons.iter().zip(values) {
                    let value = unit.normalize(values[trajectory] * factor);
                    let id = format!("{prefix}{number:02}");
                    self.samples
                        .push(at.row(horizon, target, OutputType::Sample, id, value));
                }
            }
        };
        if let Some(target) = &self.output.hospitalizations {
            add(target, admissions, 1.0);
        }
        if let Some(prop_ed) = &self.output.prop_ed {
            match shares {
                Some(Shares::Projected(values)) => add(&prop_ed.target, values, 1.0),
                Some(Shares::Rescaled(factor)) => add(&prop_ed.target, admissions, *factor),
                None => {}
            }
        }
        (n_all < wanted)
            .then(|| format!("`{location}` has {n_all} trajectories to submit instead of {wanted}"))
    }

    /// Rows of rate trends so far.
    pub(in crate::outputs) fn trends_so_far(&self) -> &[HubRow] {
        &self.trends
    }

    /// The table, and the hub's rules that it breaks.
    pub(in crate::outputs) fn finish(self, warnings: &mut BTreeSet<String>) -> PlainTable {
        let hub = self.output.hub;
        let mut rows = self.admissions;
        rows.extend(self.shares);
        rows.extend(self.trends);
        rows.extend(self.samples);
        if let Err(violations) = validate(&rows, rules(hub)) {
            let name = rules(hub).hub;
            const SHOWN: usize = 5;
            for violation in violations.iter().take(SHOWN) {
                warnings.insert(format!("{name} will refuse {violation}"));
            }
            if violations.len() > SHOWN {
                let more = violations.len() - SHOWN;
                warnings.insert(format!("{name} will refuse {more} more parts"));
            }
        }
        table(&rows)
    }
}

impl Horizons {
    fn new(
        output: &ForecastOutput,
        checked: &CheckedCalibration,
        projection: &CheckedProjection,
    ) -> Result<Self, HubFault> {
        let population = &checked.population;
        let location = hub_location(population)
            .ok_or_else(|| HubFault::Location(population.clone()))?
            .into_owned();
        let reference_date = match output.reference_date {
            Some(date) => date,
            None => saturday_after(
                checked
                    .observed_dates
                    .last()
                    .ok_or(HubFault::NoData)?
                    .date(),
            ),
        };
        let horizons: Vec<i32> = match output.hub {
            ForecastHub::Metrocast => (0..4).collect(),
            _ => (-1..4).collect(),
        };
        let dates = &projection.label.dates;
        let rows = horizons.iter().map(|&horizon| {
            let date = end_of(reference_date, horizon);
            let found = dates.iter().position(|row| row.date() == date);
            found.ok_or(HubFault::NoDate(date))
        });
        Ok(Self {
            location,
            population: population.clone(),
            reference_date,
            rows: rows.collect::<Result<_, _>>()?,
            horizons,
        })
    }

    /// A column's values: for each horizon, every trajectory.
    fn values(
        &self,
        projection: &CheckedProjection,
        column: &crate::outputs::column::Column,
    ) -> Vec<Vec<f64>> {
        let of = |&row: &usize| projection.values(row, column);
        self.rows.iter().map(of).collect()
    }

    /// Quantiles by level and horizon, as they come.
    fn quantiles(&self, target: &str, levels: &[f64], values: &[Vec<f64>]) -> Vec<HubRow> {
        let sorted: Vec<Vec<f64>> = values
            .iter()
            .map(|values| {
                let mut sorted = values.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                sorted
            })
            .collect();
        let mut rows = Vec::with_capacity(levels.len() * sorted.len());
        for &level in levels {
            for (&horizon, sorted) in self.horizons.iter().zip(&sorted) {
                let value = quantile_of_sorted(sorted, level).unwrap_or(f64::NAN);
                let id = python_float(level);
                rows.push(self.row(horizon, target, OutputType::Quantile, id, value));
            }
        }
        rows
    }

    fn row(
        &self,
        horizon: i32,
        target: &str,
        output_type: OutputType,
        id: String,
        value: f64,
    ) -> HubRow {
        HubRow {
            location: self.location.clone(),
            reference_date: self.reference_date,
            horizon,
            target_end_date: end_of(self.reference_date, horizon),
            target: target.to_owned(),
            output_type,
            output_type_id: id,
            value,
        }
    }
}

/// The Saturday that ends the week after a date's.
fn saturday_after(date: Date) -> Date {
    let to_saturday = i64::from((6 - date.weekday().to_sunday_zero_offset()).rem_euclid(7));
    date.saturating_add((to_saturday + 7).days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_reference_date_is_the_saturday_after_the_last_week() {
        assert_eq!(saturday_after(date(2024, 12, 14)), date(2024, 12, 21));
        assert_eq!(saturday_after(date(2024, 12, 15)), date(2024, 12, 28));
        assert_eq!(saturday_after(date(2024, 12, 20)), date(2024, 12, 28));
    }
}
