//! Submissions to the Flu Scenario Modeling Hub: trajectories by age group, with the eleven columns
//! of <https://github.com/midas-network/flu-scenario-modeling-hub/blob/main/model-output/README.md>.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::error::HubFault;
use super::forecast::ADMISSIONS;
use super::samples::pick;
use crate::outputs::calibration::{CheckedCalibration, CheckedProjection};
use crate::outputs::column::Column;
use crate::outputs::plain::PlainTable;
use crate::schema::output::{ScenarioOutput, hub_location};

/// The target that the suite's column of admissions stands for.
const TARGET: &str = "inc hosp";
/// The hub's age groups; the first is everybody.
const AGE_GROUPS: [&str; 6] = ["0-130", "0-4", "5-17", "18-49", "50-64", "65-130"];
/// Fewest and most trajectories of a place (hub-config/tasks.json, round of 2025).
const N_SAMPLES: std::ops::RangeInclusive<usize> = 300..=600;
const LAST_AGE: &str = "130";

/// A submission, of which every task writes its rows.
#[derive(Debug)]
pub(in crate::outputs) struct ScenarioTable {
    output: ScenarioOutput,
    /// Trajectories of every place.
    places: BTreeMap<String, usize>,
    origins: BTreeSet<Date>,
    age_groups: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    origin_date: Date,
    target: String,
    horizon: i64,
    location: String,
    age_group: String,
    value: f64,
    run: i64,
}

impl ScenarioTable {
    pub(in crate::outputs) fn new(output: &ScenarioOutput) -> Self {
        Self {
            output: output.clone(),
            places: BTreeMap::new(),
            origins: BTreeSet::new(),
            age_groups: BTreeSet::new(),
        }
    }

    /// A task's trajectories; what it has no numbers for becomes a warning.
    pub(in crate::outputs) fn push(
        &mut self,
        checked: &CheckedCalibration,
        warnings: &mut BTreeSet<String>,
    ) -> Option<PlainTable> {
        let projection = checked.projection.as_ref()?;
        match self.rows(checked, projection, warnings) {
            Ok(rows) => Some(self.table(&rows)),
            Err(fault) => {
                let task = checked.primary_id;
                warnings.insert(format!(
                    "the submission has nothing of task `{task}`: {fault}"
                ));
                None
            }
        }
    }

    fn rows(
        &mut self,
        checked: &CheckedCalibration,
        projection: &CheckedProjection,
        warnings: &mut BTreeSet<String>,
    ) -> Result<Vec<Row>, HubFault> {
        let population = &checked.population;
        let location = hub_location(population)
            .ok_or_else(|| HubFault::Location(population.clone()))?
            .into_owned();
        if self.places.contains_key(&location) {
            let message =
                format!("more than one task projects `{location}`; the first is submitted");
            warnings.insert(message);
            return Ok(Vec::new());
        }
        let origin_date = match self.output.origin_date {
            Some(date) => date,
            None => {
                let last = checked
                    .observed_dates
                    .last()
                    .ok_or(HubFault::NoData)?
                    .date();
                let after = i64::from(7 - last.weekday().to_sunday_zero_offset());
                last.saturating_add(after.days())
            }
        };
        let dates = &projection.label.dates;
        // The first week ends on the Saturday after the origin, which is a Sunday.
        let first = origin_date.saturating_add(6.days());
        let start = dates
            .iter()
            .position(|date| date.date() == first)
            .ok_or(HubFault::NoDate(first))?;
        let n_horizons = self.output.n_horizons.map_or(usize::MAX, |n| n as usize);
        let n_all = projection.particles.len();
        let seed = self.output.seed.unwrap_or(checked.seed);
        let picked = pick(n_all, self.output.n_samples as usize, seed);
        let mut rows = Vec::new();
        self.origins.insert(origin_date);
        self.places.insert(location.clone(), picked.len());
        for (target, name) in targets(&self.output) {
            let ages = ages(projection, &name)?;
            self.age_groups
                .extend(ages.iter().map(|(group, _)| group.clone()));
            for (number, &trajectory) in picked.iter().enumerate() {
                for (age_group, column) in &ages {
                    let weeks = (start..dates.len()).zip(1..).take(n_horizons);
                    rows.extend(weeks.map(|(date, horizon)| {
                        #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
                        let value = projection.counts.count(trajectory, date, column) as f64;
                        Row {
                            origin_date,
                            target: target.clone(),
                            horizon,
                            location: location.clone(),
                            age_group: age_group.clone(),
                            value,
                            run: number as i64 + 1,
                        }
                    }));
                }
            }
        }
        Ok(rows)
    }

    fn table(&self, rows: &[Row]) -> PlainTable {
        let text = |of: fn(&Row) -> String| rows.iter().map(of).collect();
        let whole = |of: fn(&Row) -> i64| rows.iter().map(of).collect();
        PlainTable::new("output_hub_formatted", rows.len())
            .text("origin_date", text(|row| row.origin_date.to_string()))
            .same_text("scenario_id", &self.output.scenario_id)
            .text("target", text(|row| row.target.clone()))
            .signed("horizon", whole(|row| row.horizon))
            .text("location", text(|row| row.location.clone()))
            .text("age_group", text(|row| row.age_group.clone()))
            .same_text("output_type", "sample")
            // Trajectories are named by the last two columns; R reads this as missing.
            .same_text("output_type_id", "NA")
            .double("value", rows.iter().map(|row| row.value).collect())
            .signed("run_grouping", whole(|row| row.run))
            .signed("stochastic_run", whole(|_| 1))
    }

    /// The hub's rules that the submission breaks.
    pub(in crate::outputs) fn check(&self, warnings: &mut BTreeSet<String>) {
        let mut refuse = |problem: String| {
            warnings.insert(format!("Flu Scenario Modeling Hub will refuse {problem}"));
        };
        if self.places.is_empty() {
            return;
        }
        if !is_scenario(&self.output.scenario_id) {
            let id = &self.output.scenario_id;
            refuse(format!(
                "`{id}` as `scenario_id`: it is a letter and a date"
            ));
        }
        for origin in &self.origins {
            if origin.weekday() != Weekday::Sunday {
                refuse(format!("{origin} as `origin_date`: it isn't a Sunday"));
            }
        }
        for group in &self.age_groups {
            if !AGE_GROUPS.contains(&group.as_str()) {
                refuse(format!("age group `{group}`"));
            }
        }
        for required in AGE_GROUPS {
            if !self.age_groups.contains(required) {
                refuse(format!("a submission without age group `{required}`"));
            }
        }
        for (place, n) in &self.places {
            if !N_SAMPLES.contains(n) {
                let [fewest, most] = [N_SAMPLES.start(), N_SAMPLES.end()];
                refuse(format!(
                    "{n} trajectories of `{place}`: {fewest} to {most} are asked for"
                ));
            }
        }
    }
}

fn targets(output: &ScenarioOutput) -> Vec<(String, String)> {
    if output.targets.is_empty() {
        return vec![(TARGET.to_owned(), ADMISSIONS.to_owned())];
    }
    output.targets.clone()
}

/// The columns of a target by the hub's age groups. A column for everybody has one for each group
/// beside it if it is a transition's total; what is compared with observations sums several, so it
/// has only the whole.
fn ages(projection: &CheckedProjection, name: &str) -> Result<Vec<(String, Column)>, HubFault> {
    let total = projection
        .column("flusmh_format.targets", &format!("{name}_total"))
        .ok();
    let Some(total) = total else {
        let column = projection.main_column(name).cloned();
        let column = column.ok_or_else(|| HubFault::Column(name.to_owned()))?;
        return Ok(vec![(AGE_GROUPS[0].to_owned(), column)]);
    };
    let mut ages = vec![(AGE_GROUPS[0].to_owned(), total)];
    for column in projection.groups_of(name) {
        let group = &column.name[name.len() + 1..];
        let group = match group.strip_suffix('+') {
            Some(first) => format!("{first}-{LAST_AGE}"),
            None => group.to_owned(),
        };
        ages.push((group, column));
    }
    Ok(ages)
}

/// Whether a text is a scenario's name: `A-2025-07-29`.
fn is_scenario(id: &str) -> bool {
    let Some((letter, date)) = id.split_once('-') else {
        return false;
    };
    letter.len() == 1
        && letter.chars().all(|letter| letter.is_ascii_uppercase())
        && date.parse::<Date>().is_ok()
}
