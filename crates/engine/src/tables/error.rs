//! What can be wrong with a table.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode, nearest};

/// A CSV table that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file can't be opened.
    #[error("could not read `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file isn't rows of equally many values.
    #[error("`{}` is not a CSV table", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: csv::Error,
    },
    /// A column isn't there.
    #[error("`{}` has no column `{column}`", .path.display())]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// A cell isn't what it must be.
    #[error("`{}` line {line}, column `{column}`: `{value}` is not {expected}", .path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Name of the column, or its number from 1.
        column: String,
        /// What the cell has.
        value: String,
        /// What it must be, with its article.
        expected: Cow<'static, str>,
    },
}

impl Diagnose for TableError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::MissingColumn { column, found, .. } => {
                Some(match nearest(column, found.iter().map(String::as_str)) {
                    Some(name) => format!("is `{name}` meant?"),
                    None => format!("it has {}", found.join(", ")),
                })
            }
            _ => None,
        }
    }
}
