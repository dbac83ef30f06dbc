//! The main output of the first tasks over time, read from the run's own tables, so that it is the
//! same whichever engine wrote them.

use std::collections::BTreeMap;

use epycloud_orchestrator::record::OutputsRecord;
use epycloud_storage::{RunLayout, Storage};
use jiff::civil::Date;

use crate::fit::Fit;
use crate::table::{self, Header};

/// How many tasks are shown.
pub(crate) const SHOWN: usize = 12;
/// The levels of a fan: 95 % band, 50 % band, median.
pub(crate) const LEVELS: [f64; 5] = [0.025, 0.25, 0.5, 0.75, 0.975];

/// The tables that may have the main output, the best first.
const TABLES: [&str; 4] = [
    "quantiles_projection_transitions.csv.gz",
    "quantiles_transitions.csv.gz",
    "quantiles_projection_compartments.csv.gz",
    "quantiles_compartments.csv.gz",
];

/// The fans of the first tasks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FanSet {
    /// The column that is shown.
    pub(crate) column: String,
    /// The table it is from.
    pub(crate) table: String,
    /// The fans.
    pub(crate) fans: Vec<Fan>,
    /// How many tasks the table has.
    pub(crate) n_tasks: usize,
}

/// One task's quantiles over time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fan {
    /// epydemix name of its population.
    pub(crate) population: String,
    /// Dates with the values at the levels.
    pub(crate) points: Vec<(Date, [f64; LEVELS.len()])>,
    /// What was observed, where the fan is of something observed.
    pub(crate) observed: Vec<(Date, f64)>,
}

impl Fan {
    pub(crate) const fn of(population: String) -> Self {
        Self {
            population,
            points: Vec::new(),
            observed: Vec::new(),
        }
    }
}

/// Reads the fans from the outputs; `None` where no table has any. What was calibrated to is shown
/// before anything else, with its observations.
pub(crate) async fn read(
    storage: &Storage,
    layout: &RunLayout,
    outputs: &OutputsRecord,
    fit: Option<&Fit>,
) -> Option<FanSet> {
    for name in TABLES {
        let Some(bytes) = table::load(storage, layout, outputs, name).await else {
            continue;
        };
        if let Some(fans) = parse(name, &bytes, fit) {
            return Some(fans);
        }
    }
    None
}

/// A task's values by date.
type Values = BTreeMap<Date, DayValues>;

/// A day's values at the levels; one that the table lacks stays unknown.
#[derive(Default)]
struct DayValues {
    exact: [Option<f64>; LEVELS.len()],
    /// At levels that the suite's tables round to two decimals: 0.025 is 0.02 there, and 0.975
    /// is 0.98.
    rounded: [Option<f64>; LEVELS.len()],
}

impl DayValues {
    fn set(&mut self, level: f64, value: f64) {
        for (known, (exact, rounded)) in LEVELS
            .into_iter()
            .zip(self.exact.iter_mut().zip(&mut self.rounded))
        {
            if (known - level).abs() < 1e-9 {
                *exact = Some(value);
            } else if ((known * 100.0).round_ties_even() - level * 100.0).abs() < 1e-9 {
                *rounded = Some(value);
            }
        }
    }

    fn whole(self) -> Option<[f64; LEVELS.len()]> {
        let mut levels = self.exact;
        for (exact, rounded) in levels.iter_mut().zip(self.rounded) {
            *exact = exact.or(rounded);
        }
        whole(levels)
    }
}

fn parse(table: &str, bytes: &[u8], fit: Option<&Fit>) -> Option<FanSet> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = Header::of(&mut reader)?;
    let [population, date, quantile] = header.all(["population", "date", "quantile"])?;
    let task = header.at("primary_id").unwrap_or(population);
    let calibrated = fit.and_then(|fit| header.at(&fit.fans.column));
    let column = calibrated.or_else(|| main_column(&header, quantile))?;
    let observations = fit.filter(|_| calibrated.is_some());
    let mut order: Vec<(String, String)> = Vec::new();
    let mut values: BTreeMap<String, Values> = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).ok()? {
        let id = record.get(task)?.to_owned();
        if !values.contains_key(&id) {
            order.push((id.clone(), record.get(population)?.to_owned()));
            values.insert(id.clone(), Values::new());
        }
        if order.iter().take(SHOWN).all(|(shown, _)| *shown != id) {
            continue;
        }
        let level: f64 = record.get(quantile)?.parse().ok()?;
        let day: Option<Date> = record.get(date)?.get(..10)?.parse().ok();
        let value: Option<f64> = record.get(column)?.parse().ok();
        if let (Some(day), Some(value)) = (day, value) {
            let points = values.get_mut(&id)?;
            points.entry(day).or_default().set(level, value);
        }
    }
    let n_tasks = order.len();
    let fans: Vec<Fan> = order
        .into_iter()
        .take(SHOWN)
        .filter_map(|(id, population)| {
            let points: Vec<_> = values
                .remove(&id)?
                .into_iter()
                .filter_map(|(date, levels)| Some((date, levels.whole()?)))
                .collect();
            let observed = observations.and_then(|fit| fit.observations.get(&id));
            (points.len() > 1).then(|| Fan {
                population,
                points,
                observed: observed.cloned().unwrap_or_default(),
            })
        })
        .collect();
    (!fans.is_empty()).then(|| FanSet {
        column: header.name(column).to_owned(),
        table: table.to_owned(),
        fans,
        n_tasks,
    })
}

/// All levels of a date, if the table has them all.
pub(crate) fn whole(levels: [Option<f64>; LEVELS.len()]) -> Option<[f64; LEVELS.len()]> {
    let mut values = [0.0; LEVELS.len()];
    for (value, level) in values.iter_mut().zip(levels) {
        *value = level.filter(|value| value.is_finite())?;
    }
    Some(values)
}

/// The first column behind the quantile that adds up the age groups, or else the first.
fn main_column(header: &Header, quantile: usize) -> Option<usize> {
    let values = quantile + 1..header.len();
    values
        .clone()
        .find(|column| header.name(*column).ends_with("_total"))
        .or_else(|| values.clone().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fans_are_read_from_the_table_and_incomplete_dates_left_out() {
        let mut table = String::from("primary_id,population,date,quantile,S_to_I_a,S_to_I_total\n");
        for date in ["2026-01-03", "2026-01-10"] {
            for (index, level) in LEVELS.iter().enumerate() {
                table.push_str(&format!("0,Here,{date},{level},9,{index}\n"));
            }
        }
        table.push_str("0,Here,2026-01-17,0.5,9,7\n");
        let fans = parse("t", table.as_bytes(), None).unwrap();
        assert_eq!(fans.column, "S_to_I_total");
        assert_eq!(fans.n_tasks, 1);
        assert_eq!(fans.fans[0].points.len(), 2);
        assert_eq!(fans.fans[0].points[0].1, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(parse("t", b"a,b\n1,2\n", None), None);
    }

    #[test]
    fn levels_that_the_table_rounds_are_recognised_unless_it_has_the_very_level() {
        let table = |levels: &[f64]| {
            let mut table = String::from("primary_id,population,date,quantile,S_to_I_total\n");
            for date in ["2026-01-03", "2026-01-10"] {
                for level in levels {
                    table.push_str(&format!("0,Here,{date},{level},{}\n", 1000.0 * level));
                }
            }
            parse("t", table.as_bytes(), None)
        };
        let rounded = table(&[0.01, 0.02, 0.25, 0.5, 0.75, 0.98, 0.99]).unwrap();
        let values = [20.0, 250.0, 500.0, 750.0, 980.0];
        assert_eq!(rounded.fans[0].points[0].1, values);
        let exact = table(&[0.025, 0.02, 0.25, 0.5, 0.75, 0.98, 0.975]).unwrap();
        assert_eq!(
            exact.fans[0].points[0].1,
            LEVELS.map(|level| 1000.0 * level)
        );
        assert_eq!(table(&[0.01, 0.25, 0.5, 0.75, 0.99]), None);
    }
}
