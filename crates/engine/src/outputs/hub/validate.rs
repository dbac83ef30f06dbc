//! Whether a submission keeps to its hub's rules.
//!
//! The checks are those of the hubs' own validation (R package `hubValidations`) that a wrong
//! content can fail: known targets and forms, allowed horizons, levels, categories and values, no
//! row twice, no level or category missing, quantiles that don't decrease, probabilities that sum
//! to one, as many trajectories as asked for, and weeks that end where the horizon says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;

use super::row::{HubRow, OutputType, end_of};
use super::rules::{Ids, Rules, Task};

/// How far a sum of probabilities may be from one: what R's `all.equal` tolerates.
const TOLERANCE: f64 = 1.5e-8;

/// A rule that rows break.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rows}: {problem}")]
pub struct Violation {
    /// Which rows.
    pub rows: String,
    /// What is wrong with them.
    pub problem: String,
}

/// Checks the rows of a submission against a hub's rules.
///
/// # Errors
/// Every rule broken, each once for the rows of a target, place and horizon.
pub fn validate(rows: &[HubRow], rules: &Rules) -> Result<(), Vec<Violation>> {
    let mut found = Violations::default();
    one_reference_date(rows, &mut found);
    let mut groups: BTreeMap<Group<'_>, Vec<&HubRow>> = BTreeMap::new();
    for row in rows {
        each_row(row, rules, &mut found);
        groups.entry(Group::of(row)).or_default().push(row);
    }
    let mut trajectories: BTreeMap<(&str, &str), BTreeMap<&str, BTreeSet<i32>>> = BTreeMap::new();
    for (group, rows) in &groups {
        let Some(task) = task(rules, group.target, group.output_type) else {
            found.add(group, format!("{} takes no such target", rules.hub));
            continue;
        };
        each_group(group, rows, task, &mut found);
        if group.output_type == OutputType::Sample {
            let names = trajectories
                .entry((group.target, group.location))
                .or_default();
            for row in rows {
                names
                    .entry(&row.output_type_id)
                    .or_default()
                    .insert(row.horizon);
            }
        }
    }
    for ((target, location), names) in &trajectories {
        each_set_of_samples(target, location, names, rules, &mut found);
    }
    if found.0.is_empty() {
        Ok(())
    } else {
        Err(found.0)
    }
}

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, rows: &impl ToString, problem: String) {
        let violation = Violation {
            rows: rows.to_string(),
            problem,
        };
        if !self.0.contains(&violation) {
            self.0.push(violation);
        }
    }
}

/// Rows that make up one forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'r> {
    target: &'r str,
    output_type: OutputType,
    location: &'r str,
    horizon: i32,
}

impl<'r> Group<'r> {
    fn of(row: &'r HubRow) -> Self {
        Self {
            target: &row.target,
            output_type: row.output_type,
            location: &row.location,
            horizon: row.horizon,
        }
    }
}

impl std::fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (target, form) = (self.target, self.output_type.name());
        let (location, horizon) = (self.location, self.horizon);
        write!(
            f,
            "`{target}` ({form}) for `{location}` at horizon {horizon}"
        )
    }
}

fn task(rules: &Rules, target: &str, output_type: OutputType) -> Option<&'static Task> {
    rules
        .tasks
        .iter()
        .find(|task| task.target == target && task.output_type == output_type)
}

fn one_reference_date(rows: &[HubRow], found: &mut Violations) {
    let dates: BTreeSet<_> = rows.iter().map(|row| row.reference_date).collect();
    if dates.len() > 1 {
        found.add(
            &"reference_date",
            format!("{} different dates", dates.len()),
        );
    }
    for date in dates {
        if date.weekday() != Weekday::Saturday {
            found.add(&"reference_date", format!("{date} isn't a Saturday"));
        }
    }
}

fn each_row(row: &HubRow, rules: &Rules, found: &mut Violations) {
    let group = Group::of(row);
    if row.target_end_date != end_of(row.reference_date, row.horizon) {
        let problem = format!("the week doesn't end on {}", row.target_end_date);
        found.add(&group, problem);
    }
    let known = |location| {
        crate::locations::LOCATIONS
            .iter()
            .any(|known| known.fips == location)
    };
    if rules.has_fips && !known(row.location.as_str()) {
        found.add(&group, "the location isn't a FIPS code".to_owned());
    }
    if !row.value.is_finite() || row.value < 0.0 {
        found.add(&group, format!("`{}` isn't a value", row.value));
    }
}

fn each_group(group: &Group<'_>, rows: &[&HubRow], task: &Task, found: &mut Violations) {
    if !task.horizons.contains(&group.horizon) {
        found.add(group, format!("horizons are {:?}", task.horizons));
    }
    let mut ids = BTreeSet::new();
    for row in rows {
        if !ids.insert(row.output_type_id.as_str()) {
            found.add(group, format!("`{}` is there twice", row.output_type_id));
        }
        if let Some(maximum) = task.maximum
            && row.value > maximum
        {
            found.add(group, format!("`{}` is above {maximum}", row.value));
        }
    }
    match task.ids {
        Ids::Levels(levels) => quantiles(group, rows, levels, found),
        Ids::Categories(categories) => probabilities(group, rows, categories, found),
        Ids::Names(longest) => {
            if ids.iter().any(|name| name.chars().count() > longest) {
                found.add(group, format!("a name is longer than {longest} characters"));
            }
        }
    }
}

fn quantiles(group: &Group<'_>, rows: &[&HubRow], levels: &[f64], found: &mut Violations) {
    let mut given: Vec<(f64, f64)> = Vec::with_capacity(rows.len());
    for row in rows {
        match row.output_type_id.parse::<f64>() {
            Ok(level) if levels.contains(&level) => given.push((level, row.value)),
            _ => found.add(group, format!("`{}` isn't a level", row.output_type_id)),
        }
    }
    for level in levels {
        if !given.iter().any(|(given, _)| given == level) {
            found.add(group, format!("level {level} is missing"));
        }
    }
    given.sort_by(|left, right| left.0.total_cmp(&right.0));
    if given.windows(2).any(|pair| pair[1].1 < pair[0].1) {
        found.add(group, "quantiles decrease".to_owned());
    }
}

fn probabilities(group: &Group<'_>, rows: &[&HubRow], categories: &[&str], found: &mut Violations) {
    for row in rows {
        if !categories.contains(&row.output_type_id.as_str()) {
            found.add(group, format!("`{}` isn't a category", row.output_type_id));
        }
    }
    for category in categories {
        if !rows.iter().any(|row| row.output_type_id == *category) {
            found.add(group, format!("category `{category}` is missing"));
        }
    }
    let sum: f64 = rows.iter().map(|row| row.value).sum();
    if (sum - 1.0).abs() > TOLERANCE {
        found.add(group, format!("probabilities sum to {sum}"));
    }
}

/// The trajectories of a target and place: as many as asked for, all over the same horizons.
fn each_set_of_samples(
    target: &str,
    location: &str,
    names: &BTreeMap<&str, BTreeSet<i32>>,
    rules: &Rules,
    found: &mut Violations,
) {
    let Some(task) = task(rules, target, OutputType::Sample) else {
        return;
    };
    let rows = format!("`{target}` (sample) for `{location}`");
    let (fewest, most) = task.n_samples;
    if !(fewest..=most).contains(&names.len()) {
        let asked = if fewest == most {
            fewest.to_string()
        } else {
            format!("{fewest} to {most}")
        };
        found.add(
            &rows,
            format!("{} trajectories instead of {asked}", names.len()),
        );
    }
    let horizons: BTreeSet<_> = names.values().collect();
    if horizons.len() > 1 {
        found.add(&rows, "trajectories differ in their horizons".to_owned());
    }
}
