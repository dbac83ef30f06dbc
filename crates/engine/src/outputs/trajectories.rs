//! Trajectory tables: every simulation of a task, date by date.

use std::ops::Range;
use std::sync::Arc;

use super::column::Column;
use super::counts::{Counts, TaskLabel};
use super::float::write_count;
use super::rows::{ColumnType, ColumnValues, Rows, TableSchema, write_text};

/// The columns before the counts, in the order of a simulation's table.
const LEADING: [(&str, ColumnType); 5] = [
    ("primary_id", ColumnType::Signed),
    ("sim_id", ColumnType::Signed),
    ("date", ColumnType::Date),
    ("seed", ColumnType::Unsigned),
    ("population", ColumnType::Text),
];

/// Where the date stands among the columns before the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatePlace {
    /// After the trajectory's number, as in simulations.
    Third,
    /// Last, as in projections.
    Last,
}

impl DatePlace {
    /// The index in [`LEADING`] of a column of the table.
    fn leading(self, column: usize) -> usize {
        match (self, column) {
            (Self::Last, 2 | 3) => column + 1,
            (Self::Last, 4) => 2,
            _ => column,
        }
    }
}

/// The schema of a trajectory table.
pub(super) fn schema(name: &'static str, columns: &[Column], place: DatePlace) -> TableSchema {
    let leading = (0..LEADING.len()).map(|index| {
        let (name, kind) = LEADING[place.leading(index)];
        (name.to_owned(), kind)
    });
    let counts = columns
        .iter()
        .map(|column| (column.name.clone(), ColumnType::Double));
    TableSchema {
        name,
        columns: leading.chain(counts).collect(),
    }
}

/// The rows of a task: its simulations one after the other, each by date.
pub(super) struct Trajectories {
    label: Arc<TaskLabel>,
    counts: Arc<Counts>,
    columns: Arc<[Column]>,
    place: DatePlace,
    /// `{seed},{population}`.
    constant: Vec<u8>,
}

impl Trajectories {
    pub(super) fn new(
        label: Arc<TaskLabel>,
        counts: Arc<Counts>,
        columns: Arc<[Column]>,
        place: DatePlace,
    ) -> Self {
        let mut constant = format!("{},", label.seed).into_bytes();
        write_text(&mut constant, &label.population);
        Self {
            label,
            counts,
            columns,
            place,
            constant,
        }
    }

    /// Simulation and date of a row.
    fn position(&self, row: usize) -> (usize, usize) {
        (row / self.counts.n_dates, row % self.counts.n_dates)
    }
}

impl Rows for Trajectories {
    fn n_rows(&self) -> usize {
        self.counts.n_sims * self.counts.n_dates
    }

    fn n_held(&self) -> usize {
        self.counts.len()
    }

    fn write_csv(&self, rows: Range<usize>, text: &mut Vec<u8>) {
        for row in rows {
            let (sim, date) = self.position(row);
            text.extend_from_slice(format!("{},{sim},", self.label.primary_id).as_bytes());
            let date_text = self.label.dates[date].text.as_bytes();
            let [first, second] = match self.place {
                DatePlace::Third => [date_text, &self.constant[..]],
                DatePlace::Last => [&self.constant[..], date_text],
            };
            text.extend_from_slice(first);
            text.push(b',');
            text.extend_from_slice(second);
            let counts = self.counts.row(sim, date);
            for column in &*self.columns {
                text.push(b',');
                write_count(text, self.counts.cell(counts, column));
            }
            text.push(b'\n');
        }
    }

    fn column(&self, column: usize, rows: Range<usize>) -> ColumnValues {
        let label = &self.label;
        let leading = match column {
            0..5 => self.place.leading(column),
            _ => column,
        };
        match leading {
            0 => ColumnValues::Integer(vec![i64::from(label.primary_id); rows.len()]),
            1 => ColumnValues::Integer(rows.map(|row| self.position(row).0 as i64).collect()),
            2 => ColumnValues::Date(
                rows.map(|row| label.dates[self.position(row).1].days)
                    .collect(),
            ),
            3 => ColumnValues::Integer(vec![label.seed.cast_signed(); rows.len()]),
            4 => ColumnValues::Text(vec![label.population.clone(); rows.len()]),
            _ => {
                let column = &self.columns[column - LEADING.len()];
                #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
                let count = |row| {
                    let (sim, date) = self.position(row);
                    self.counts.count(sim, date, column) as f64
                };
                ColumnValues::Double(rows.map(count).collect())
            }
        }
    }
}
