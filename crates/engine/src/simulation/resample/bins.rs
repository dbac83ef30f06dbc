//! Which row of the resampled trajectory each step belongs to.

use super::frequency::{Frequency, Rule};
use super::offset::Offset;
use crate::calendar::{NS_PER_DAY, format_day, format_instant};

/// Rows of a trajectory, and the row of each step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grid {
    /// Instant of each row, in nanoseconds since 1970-01-01 (D of them).
    labels: Vec<i64>,
    /// Row of each step, never falling: `[T]`.
    row_of_step: Vec<usize>,
}

impl Grid {
    /// Every step is a row.
    pub(crate) fn every_step(instants: Vec<i64>) -> Self {
        Self {
            row_of_step: (0..instants.len()).collect(),
            labels: instants,
        }
    }

    /// The rows that pandas' `resample` makes of steps at rising instants.
    pub(crate) fn resampled(instants: &[i64], frequency: Frequency) -> Self {
        let (Some(&first), Some(&last)) = (instants.first(), instants.last()) else {
            return Self {
                labels: Vec::new(),
                row_of_step: Vec::new(),
            };
        };
        let (edges, labels) = match frequency.0 {
            Rule::Span(span) => spans(first, last, span),
            Rule::Calendar(offset, n) if offset.ends_periods() => ending(first, last, offset, n),
            Rule::Calendar(offset, n) => beginning(first, last, offset, n),
        };
        // A step is in the row whose edges it lies between. The upper edges of ending periods are
        // their last nanosecond, so that one comparison does for both kinds.
        let row_of_step = instants
            .iter()
            .map(|instant| edges.partition_point(|edge| edge <= instant) - 1)
            .collect();
        Self {
            labels,
            row_of_step,
        }
    }

    /// The instant of each row, in nanoseconds since 1970-01-01, rising.
    pub(crate) fn labels(&self) -> &[i64] {
        &self.labels
    }

    /// Number of rows, D.
    pub(crate) fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The row of a step.
    pub(crate) fn row(&self, step: usize) -> usize {
        self.row_of_step[step]
    }

    /// The rows that no step is in.
    pub(crate) fn empty_rows(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.n_rows()).filter(|row| self.row_of_step.binary_search(row).is_err())
    }

    /// The rows' dates: `YYYY-MM-DD` when all are at midnight, else with the time of day.
    pub(crate) fn dates(&self) -> Vec<String> {
        let whole_days = self
            .labels
            .iter()
            .all(|label| label.rem_euclid(NS_PER_DAY) == 0);
        let format = |label: &i64| {
            if whole_days {
                format_day(label.div_euclid(NS_PER_DAY))
            } else {
                format_instant(*label)
            }
        };
        self.labels.iter().map(format).collect()
    }
}

/// Equal spans, counted from midnight of the first day; each is labelled by its beginning.
fn spans(first: i64, last: i64, span: i64) -> (Vec<i64>, Vec<i64>) {
    let midnight = first - first.rem_euclid(NS_PER_DAY);
    let beginning = first - (first - midnight).rem_euclid(span);
    let labels: Vec<i64> = std::iter::successors(Some(beginning), |edge| edge.checked_add(span))
        .take_while(|&edge| edge <= last)
        .collect();
    (labels.clone(), labels)
}

/// Periods that end on certain days and are labelled by them.
fn ending(first: i64, last: i64, offset: Offset, n: i64) -> (Vec<i64>, Vec<i64>) {
    let (first_day, last_day) = (first.div_euclid(NS_PER_DAY), last.div_euclid(NS_PER_DAY));
    let end = offset.after(last_day, n);
    let mut ends: Vec<i64> = std::iter::successors(Some(offset.before(first_day, n)), |&day| {
        Some(offset.after(day, n))
    })
    .take_while(|&day| day <= end)
    .collect();
    // pandas drops a last period that the steps don't reach, and only the last.
    if ends.len() > 2 && (ends[ends.len() - 2] + 1) * NS_PER_DAY - 1 > last {
        ends.pop();
    }
    let edges = ends[..ends.len() - 1]
        .iter()
        .map(|day| (day + 1) * NS_PER_DAY)
        .collect();
    let labels = ends[1..].iter().map(|day| day * NS_PER_DAY).collect();
    (edges, labels)
}

/// Periods that begin on certain days and are labelled by them.
fn beginning(first: i64, last: i64, offset: Offset, n: i64) -> (Vec<i64>, Vec<i64>) {
    let (first_day, last_day) = (first.div_euclid(NS_PER_DAY), last.div_euclid(NS_PER_DAY));
    let end = offset.after(last_day, n);
    let mut edges: Vec<i64> = std::iter::successors(Some(offset.up_to(first_day)), |&day| {
        Some(offset.after(day, n))
    })
    .take_while(|&day| day <= end)
    .map(|day| day * NS_PER_DAY)
    .collect();
    // The last edge only closes the period before it.
    edges.pop();
    (edges.clone(), edges)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use serde_json::{Value, json};

    use super::*;
    use crate::model::Steps;

    /// The rows of a case as `tests/oracle/resampling.py` gives them: instant, last step up to it,
    /// number of steps in it.
    fn rows(case: &Value) -> Value {
        let text = |at: usize| case[at].as_str().unwrap();
        let date = |at| text(at).parse().unwrap();
        let steps = Steps::new(date(0), date(1), case[2].as_f64().unwrap()).unwrap();
        let instants: Vec<i64> = steps.instants().collect();
        let grid = Grid::resampled(&instants, text(3).parse().unwrap());
        let mut last = 0;
        let empty: Vec<usize> = grid.empty_rows().collect();
        let rows = (0..grid.n_rows()).map(|row| {
            let in_row = (0..steps.n).filter(|&step| grid.row(step) == row);
            let n = in_row.clone().count();
            assert_eq!(n == 0, empty.contains(&row));
            last = in_row.max().unwrap_or(last);
            json!([grid.labels[row], last, n])
        });
        rows.collect()
    }

    #[test]
    fn rows_are_those_recorded_of_pandas() {
        let recorded: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests/recorded/resampling.json")).unwrap();
        assert!(recorded.len() > 50);
        for entry in recorded {
            assert_eq!(rows(&entry["case"]), entry["rows"], "{}", entry["case"]);
        }
    }

    #[test]
    fn rows_are_those_of_pandas_where_it_is_installed() {
        let Some(python) = std::env::var_os("EPYCLOUD_ORACLE_PYTHON") else {
            eprintln!("skipped: `EPYCLOUD_ORACLE_PYTHON` is not set");
            return;
        };
        let cases = cases();
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/oracle/resampling.py"
        );
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(json!(cases).to_string().as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "the oracle failed");
        let expected: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(expected.len(), cases.len());
        for (case, expected) in cases.iter().zip(expected) {
            assert_eq!(rows(case), expected, "{case}");
        }
    }

    /// Many kinds of starts, lengths, steps and frequencies.
    fn cases() -> Vec<Value> {
        let spans = [
            ("2024-01-01", "2024-03-31"),
            ("2024-02-29", "2024-03-01"),
            ("2024-03-30", "2025-06-30"),
            ("2024-05-31", "2024-11-30"),
            ("2023-12-31", "2024-12-28"),
            ("2024-09-14", "2024-09-14"),
        ];
        let frequencies = [
            "D", "2D", "7D", "10D", "W", "W-SAT", "W-WED", "2W-SAT", "3W-MON", "ME", "2ME", "5ME",
            "MS", "3MS", "QE", "QE-NOV", "QE-JAN", "2QE", "QS", "QS-FEB", "2QS-MAR", "YE",
            "YE-JUN", "2YE", "YS", "YS-MAR", "B", "2B", "7B", "h", "12h", "36h", "90min",
            "100000s",
        ];
        let mut cases = Vec::new();
        for (first, last) in spans {
            for delta_t in [1.0, 0.3, 31.0] {
                for frequency in frequencies {
                    cases.push(json!([first, last, delta_t, frequency]));
                }
            }
        }
        cases
    }
}
