//! Reading the CSV tables of population data, vaccination and calendars, with errors that name the
//! file, the line, the column and the value.

mod error;
mod number;

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use epycloud_config::SuiteBehaviour;

use crate::calendar;

pub use error::TableError;
pub(crate) use number::parse_number;

/// What pandas reads as a missing value.
const MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "None", "null", "NULL"];

/// A CSV table in memory.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<StringRecord>,
}

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    record: &'a StringRecord,
}

impl Table {
    /// Reads a table whose first row names its columns.
    pub(crate) fn read(path: &Path) -> Result<Self, TableError> {
        Self::read_rows(path, true)
    }

    /// Reads a table that is rows of values only.
    pub(crate) fn read_without_header(path: &Path) -> Result<Self, TableError> {
        Self::read_rows(path, false)
    }

    fn read_rows(path: &Path, has_header: bool) -> Result<Self, TableError> {
        let file = File::open(path).map_err(|source| TableError::Read {
            path: path.to_owned(),
            source,
        })?;
        let malformed = |source| TableError::Malformed {
            path: path.to_owned(),
            source,
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(has_header)
            .from_reader(file);
        let header = if has_header {
            let names = reader.headers().map_err(malformed)?;
            names
                .iter()
                .map(|name| name.trim_start_matches('\u{feff}').to_owned())
                .collect()
        } else {
            Vec::new()
        };
        let rows = reader
            .records()
            .collect::<Result<_, _>>()
            .map_err(malformed)?;
        Ok(Self {
            path: path.to_owned(),
            header,
            rows,
        })
    }

    /// Index of a column, if the table has it.
    pub(crate) fn find_column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Index of a column that the table must have.
    pub(crate) fn column(&self, name: &str) -> Result<usize, TableError> {
        self.find_column(name)
            .ok_or_else(|| TableError::MissingColumn {
                path: self.path.clone(),
                column: name.to_owned(),
                found: self.header.clone(),
            })
    }

    /// Its rows, in order.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|record| Row {
            table: self,
            record,
        })
    }
}

impl<'a> Row<'a> {
    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.record.len()
    }

    /// A cell's text, without the spaces around it.
    pub(crate) fn text(&self, column: usize) -> &'a str {
        self.record.get(column).unwrap_or_default().trim()
    }

    /// A cell's number, read as the suite's pandas reads it; `None` for a missing value.
    pub(crate) fn optional_number(
        &self,
        column: usize,
        behaviour: SuiteBehaviour,
    ) -> Result<Option<f64>, TableError> {
        let text = self.text(column);
        if MISSING.contains(&text) {
            return Ok(None);
        }
        match parse_number(text, behaviour) {
            Some(number) => Ok(Some(number)),
            None => Err(self.invalid(column, "a number")),
        }
    }

    /// A cell's number, which must be there.
    pub(crate) fn number(
        &self,
        column: usize,
        behaviour: SuiteBehaviour,
    ) -> Result<f64, TableError> {
        self.optional_number(column, behaviour)?
            .ok_or_else(|| self.invalid(column, "a number"))
    }

    /// A cell's whole number.
    pub(crate) fn whole_number(&self, column: usize) -> Result<i64, TableError> {
        self.text(column)
            .parse()
            .map_err(|_| self.invalid(column, "a whole number"))
    }

    /// A cell's day, written `YYYY-MM-DD` or `MM/DD/YYYY`, as its number since 1970-01-01.
    pub(crate) fn day(&self, column: usize) -> Result<i64, TableError> {
        parse_day(self.text(column)).ok_or_else(|| self.invalid(column, "a date (YYYY-MM-DD)"))
    }

    /// The error that a cell isn't what it must be.
    pub(crate) fn invalid(
        &self,
        column: usize,
        expected: impl Into<Cow<'static, str>>,
    ) -> TableError {
        TableError::Cell {
            path: self.table.path.clone(),
            line: self.record.position().map_or(0, csv::Position::line),
            column: self
                .table
                .header
                .get(column)
                .map_or_else(|| format!("{}", column + 1), Clone::clone),
            value: self.text(column).to_owned(),
            expected: expected.into(),
        }
    }
}

/// Reads a day; a time of midnight after it is allowed.
fn parse_day(text: &str) -> Option<i64> {
    let date = text
        .strip_suffix("00:00:00")
        .map_or(text, |date| date.trim_end_matches([' ', 'T']));
    let (year, month, day) = if date.contains('/') {
        let mut parts = date.split('/');
        let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some((year, month, day))?
    } else {
        let mut parts = date.splitn(3, '-');
        (parts.next()?, parts.next()?, parts.next()?)
    };
    if year.len() != 4 {
        return None;
    }
    let date =
        jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(calendar::day_number(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_tables_write_them() {
        let expected = Some(19_952);
        for text in [
            "2024-08-17",
            "2024-08-17 00:00:00",
            "2024-08-17T00:00:00",
            "08/17/2024",
            "8/17/2024",
        ] {
            assert_eq!(parse_day(text), expected, "{text}");
        }
        for text in [
            "",
            "2024-08",
            "2024-02-30",
            "17.8.2024",
            "24-08-17",
            "2024-08-17 06:00:00",
            "1/2/3/2024",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }
}
