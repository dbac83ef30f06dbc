//! Quantile tables: levels of every column over the simulations of a task.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::column::Column;
use super::counts::{Counts, TaskLabel};
use super::error::OutputError;
use super::float::write_float;
use super::quantile::QuantilePosition;
use super::rows::{ColumnType, ColumnValues, Rows, TableSchema, write_text};

/// The columns before the quantiles.
const LEADING: [(&str, ColumnType); 5] = [
    ("primary_id", ColumnType::Signed),
    ("seed", ColumnType::Unsigned),
    ("population", ColumnType::Text),
    ("date", ColumnType::Date),
    ("quantile", ColumnType::Double),
];

/// The schema of a quantile table.
pub(super) fn schema(name: &'static str, columns: &[Column]) -> TableSchema {
    let leading = LEADING.iter().map(|&(name, kind)| (name.to_owned(), kind));
    let quantiles = columns
        .iter()
        .map(|column| (column.name.clone(), ColumnType::Double));
    TableSchema {
        name,
        columns: leading.chain(quantiles).collect(),
    }
}

/// A quantile level, as asked for and as written.
#[derive(Debug)]
pub(super) struct Level {
    value: f64,
    /// `,{level}`.
    text: Vec<u8>,
}

impl Level {
    /// # Errors
    /// When the level isn't from 0 to 1.
    pub(super) fn new(level: f64) -> Result<Self, OutputError> {
        if !(0.0..=1.0).contains(&level) {
            return Err(OutputError::Level { level });
        }
        let mut text = vec![b','];
        write_float(&mut text, level);
        Ok(Self { value: level, text })
    }
}

/// The rows of a task: its levels one after the other, each by date.
pub(super) struct Quantiles {
    label: Arc<TaskLabel>,
    counts: Arc<Counts>,
    columns: Arc<[Column]>,
    levels: Arc<[Level]>,
    /// Where each level lies among the simulations.
    positions: Vec<QuantilePosition>,
    /// For each date, the simulations' counts sorted in every column: `[n_sims, n_columns]`,
    /// row-major. Whoever needs a date first sorts it, for all levels.
    sorted: Vec<OnceLock<Box<[f64]>>>,
    /// `{primary_id},{seed},{population},`.
    before_date: Vec<u8>,
}

impl Quantiles {
    pub(super) fn new(
        label: Arc<TaskLabel>,
        counts: Arc<Counts>,
        columns: Arc<[Column]>,
        levels: Arc<[Level]>,
    ) -> Self {
        let mut before_date = format!("{},{},", label.primary_id, label.seed).into_bytes();
        write_text(&mut before_date, &label.population);
        before_date.push(b',');
        Self {
            positions: levels
                .iter()
                .map(|level| QuantilePosition::new(counts.n_sims, level.value))
                .collect(),
            sorted: (0..counts.n_dates).map(|_| OnceLock::new()).collect(),
            label,
            counts,
            columns,
            levels,
            before_date,
        }
    }

    /// Level and date of a row.
    fn position(&self, row: usize) -> (usize, usize) {
        (row / self.counts.n_dates, row % self.counts.n_dates)
    }

    fn sorted(&self, date: usize) -> &[f64] {
        self.sorted[date].get_or_init(|| sort_date(&self.counts, &self.columns, date))
    }

    /// The sorted counts of every column just below and just above a quantile.
    fn neighbours(&self, level: usize, date: usize) -> (&[f64], &[f64]) {
        let (sorted, width) = (self.sorted(date), self.columns.len());
        let row = |index: usize| &sorted[index * width..(index + 1) * width];
        (
            row(self.positions[level].previous),
            row(self.positions[level].next),
        )
    }
}

/// The simulations' counts on a date, sorted in every column: `[n_sims, n_columns]`.
fn sort_date(counts: &Counts, columns: &[Column], date: usize) -> Box<[f64]> {
    let mut table = vec![0.0; counts.n_sims * columns.len()].into_boxed_slice();
    let mut values = Vec::with_capacity(counts.n_sims);
    for (index, column) in columns.iter().enumerate() {
        values.clear();
        values.extend((0..counts.n_sims).map(|sim| counts.count(sim, date, column)));
        values.sort_unstable();
        for (sim, &value) in values.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
            let value = value as f64;
            table[sim * columns.len() + index] = value;
        }
    }
    table
}

impl Rows for Quantiles {
    fn n_rows(&self) -> usize {
        self.levels.len() * self.counts.n_dates
    }

    fn n_held(&self) -> usize {
        self.counts.len() + self.counts.n_sims * self.counts.n_dates * self.columns.len()
    }

    fn write_csv(&self, rows: Range<usize>, text: &mut Vec<u8>) {
        for row in rows {
            let (level, date) = self.position(row);
            text.extend_from_slice(&self.before_date);
            text.extend_from_slice(self.label.dates[date].text.as_bytes());
            text.extend_from_slice(&self.levels[level].text);
            let (below, above) = self.neighbours(level, date);
            let position = self.positions[level];
            for (&below, &above) in below.iter().zip(above) {
                text.push(b',');
                write_float(text, position.interpolate(below, above));
            }
            text.push(b'\n');
        }
    }

    fn column(&self, column: usize, rows: Range<usize>) -> ColumnValues {
        let label = &self.label;
        match column {
            0 => ColumnValues::Integer(vec![i64::from(label.primary_id); rows.len()]),
            1 => ColumnValues::Integer(vec![label.seed.cast_signed(); rows.len()]),
            2 => ColumnValues::Text(vec![label.population.clone(); rows.len()]),
            3 => ColumnValues::Date(
                rows.map(|row| label.dates[self.position(row).1].days)
                    .collect(),
            ),
            4 => ColumnValues::Double(
                rows.map(|row| self.levels[self.position(row).0].value)
                    .collect(),
            ),
            _ => {
                let column = column - LEADING.len();
                let quantile = |row| {
                    let (level, date) = self.position(row);
                    let (below, above) = self.neighbours(level, date);
                    self.positions[level].interpolate(below[column], above[column])
                };
                ColumnValues::Double(rows.map(quantile).collect())
            }
        }
    }
}
