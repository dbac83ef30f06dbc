//! The rows that one task gives to one table, before they are encoded.

use std::ops::Range;
use std::sync::Arc;

/// A column's type in a typed format; CSV writes them all as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnType {
    /// A number of a task or simulation.
    Signed,
    /// A seed.
    Unsigned,
    /// A count, a quantile or a level.
    Double,
    /// A day.
    Date,
    /// Text.
    Text,
}

/// The name and the columns of a table.
#[derive(Debug)]
pub(super) struct TableSchema {
    /// Its file name without the ending.
    pub(super) name: &'static str,
    /// Its columns, in order.
    pub(super) columns: Vec<(String, ColumnType)>,
}

/// Some consecutive values of a column.
#[derive(Debug, PartialEq)]
pub(super) enum ColumnValues {
    /// Of a [`ColumnType::Signed`] or [`ColumnType::Unsigned`] (the same bits) column.
    Integer(Vec<i64>),
    /// Of a [`ColumnType::Double`] column.
    Double(Vec<f64>),
    /// Of a [`ColumnType::Date`] column: days since 1970-01-01.
    Date(Vec<i32>),
    /// Of a [`ColumnType::Text`] column.
    Text(Vec<String>),
}

/// Rows that can be written in pieces, by several threads.
pub(super) trait Rows: Send + Sync {
    /// How many rows there are.
    fn n_rows(&self) -> usize;

    /// About how many 8-byte numbers stay in memory as long as the rows do.
    fn n_held(&self) -> usize;

    /// Appends rows as CSV lines.
    fn write_csv(&self, rows: Range<usize>, text: &mut Vec<u8>);

    /// The values of a column of the table's schema in the given rows.
    fn column(&self, column: usize, rows: Range<usize>) -> ColumnValues;
}

/// Some consecutive rows of a task.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) rows: Arc<dyn Rows>,
    pub(super) range: Range<usize>,
}

/// Appends a text field, quoted as Python's `csv` does where it must be.
pub(super) fn write_text(text: &mut Vec<u8>, field: &str) {
    if !field.contains([',', '"', '\n', '\r']) {
        text.extend_from_slice(field.as_bytes());
        return;
    }
    text.push(b'"');
    text.extend_from_slice(field.replace('"', "\"\"").as_bytes());
    text.push(b'"');
}

/// A table's first line.
pub(super) fn csv_header(schema: &TableSchema) -> Vec<u8> {
    let mut line = Vec::new();
    for (name, _) in &schema.columns {
        write_text(&mut line, name);
        line.push(b',');
    }
    line.pop();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_only_where_it_must_be() {
        for (field, expected) in [
            ("United_States", "United_States"),
            ("a, b", "\"a, b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
        ] {
            let mut text = Vec::new();
            write_text(&mut text, field);
            assert_eq!(text, expected.as_bytes());
        }
    }
}
