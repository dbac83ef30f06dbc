//! Small tables: whole columns in memory.

use std::ops::Range;

use super::float::write_float;
use super::rows::{ColumnType, ColumnValues, Rows, TableSchema, write_text};

/// A table with its rows, column by column.
#[derive(Debug)]
pub(super) struct PlainTable {
    name: &'static str,
    n_rows: usize,
    names: Vec<String>,
    columns: Vec<PlainColumn>,
}

#[derive(Debug, Clone)]
enum PlainColumn {
    Signed(Vec<i64>),
    Unsigned(Vec<u64>),
    /// Not-a-number is a missing value: empty in CSV.
    Double(Vec<f64>),
    Text(Vec<String>),
}

impl PlainTable {
    /// A table of this many rows, without columns yet.
    pub(super) fn new(name: &'static str, n_rows: usize) -> Self {
        Self {
            name,
            n_rows,
            names: Vec::new(),
            columns: Vec::new(),
        }
    }

    fn with(mut self, name: &str, column: PlainColumn) -> Self {
        debug_assert_eq!(column.len(), self.n_rows, "column {name} of {}", self.name);
        self.names.push(name.to_owned());
        self.columns.push(column);
        self
    }

    pub(super) fn signed(self, name: &str, values: Vec<i64>) -> Self {
        self.with(name, PlainColumn::Signed(values))
    }

    pub(super) fn double(self, name: &str, values: Vec<f64>) -> Self {
        self.with(name, PlainColumn::Double(values))
    }

    pub(super) fn text(self, name: &str, values: Vec<String>) -> Self {
        self.with(name, PlainColumn::Text(values))
    }

    /// A number that every row repeats.
    pub(super) fn same_signed(self, name: &str, value: i64) -> Self {
        let n_rows = self.n_rows;
        self.signed(name, vec![value; n_rows])
    }

    /// A seed that every row repeats.
    pub(super) fn same_seed(self, name: &str, value: u64) -> Self {
        let n_rows = self.n_rows;
        self.with(name, PlainColumn::Unsigned(vec![value; n_rows]))
    }

    /// A text that every row repeats.
    pub(super) fn same_text(self, name: &str, value: &str) -> Self {
        let n_rows = self.n_rows;
        self.text(name, vec![value.to_owned(); n_rows])
    }

    pub(super) fn schema(&self) -> TableSchema {
        let types = self.columns.iter().map(|column| match column {
            PlainColumn::Signed(_) => ColumnType::Signed,
            PlainColumn::Unsigned(_) => ColumnType::Unsigned,
            PlainColumn::Double(_) => ColumnType::Double,
            PlainColumn::Text(_) => ColumnType::Text,
        });
        TableSchema {
            name: self.name,
            columns: self.names.iter().cloned().zip(types).collect(),
        }
    }
}

impl PlainColumn {
    fn len(&self) -> usize {
        match self {
            Self::Signed(values) => values.len(),
            Self::Unsigned(values) => values.len(),
            Self::Double(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    fn write(&self, row: usize, text: &mut Vec<u8>) {
        match self {
            Self::Signed(values) => {
                text.extend_from_slice(itoa::Buffer::new().format(values[row]).as_bytes());
            }
            Self::Unsigned(values) => {
                text.extend_from_slice(itoa::Buffer::new().format(values[row]).as_bytes());
            }
            Self::Double(values) if values[row].is_nan() => {}
            Self::Double(values) => write_float(text, values[row]),
            Self::Text(values) => write_text(text, &values[row]),
        }
    }
}

impl Rows for PlainTable {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn n_held(&self) -> usize {
        self.n_rows * self.columns.len()
    }

    fn write_csv(&self, rows: Range<usize>, text: &mut Vec<u8>) {
        for row in rows {
            for (index, column) in self.columns.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                column.write(row, text);
            }
            text.push(b'\n');
        }
    }

    fn column(&self, column: usize, rows: Range<usize>) -> ColumnValues {
        match &self.columns[column] {
            PlainColumn::Signed(values) => ColumnValues::Integer(values[rows].to_vec()),
            PlainColumn::Unsigned(values) => ColumnValues::Integer(
                values[rows]
                    .iter()
                    .map(|value| value.cast_signed())
                    .collect(),
            ),
            PlainColumn::Double(values) => ColumnValues::Double(values[rows].to_vec()),
            PlainColumn::Text(values) => ColumnValues::Text(values[rows].to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_is_empty_and_text_is_quoted() {
        let table = PlainTable::new("table", 2)
            .same_signed("id", 7)
            .double("value", vec![0.5, f64::NAN])
            .text("note", vec!["a,b".into(), String::new()]);
        let mut text = Vec::new();
        table.write_csv(0..2, &mut text);
        assert_eq!(text, b"7,0.5,\"a,b\"\n7,,\n");
        assert_eq!(
            table.schema().columns[1],
            ("value".into(), ColumnType::Double)
        );
    }
}
