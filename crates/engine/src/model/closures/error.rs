//! What keeps school closures from being placed.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

use super::CALENDARS;
use crate::tables::TableError;

/// School closures that can't be placed.
#[derive(Debug, thiserror::Error)]
pub enum ClosureError {
    /// There is no table of school calendars.
    #[error(
        "school closures need `{CALENDARS}`, which is in none of {}",
        .looked_in.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
    )]
    NoCalendars {
        /// The folders that could have had it.
        looked_in: Vec<PathBuf>,
    },
    /// The table doesn't have a location.
    #[error("no school calendar of `{location}` in `{}`", .path.display())]
    NoCalendar {
        /// The location.
        location: String,
        /// The table.
        path: PathBuf,
    },
    /// A break falls on a day that isn't in a year.
    #[error("`{event}` of `{state}` in `{}` falls on `{date}`, which is no day", .path.display())]
    NoSuchDay {
        /// The break.
        event: String,
        /// Whose it is.
        state: String,
        /// The day.
        date: String,
        /// The table.
        path: PathBuf,
    },
    /// The built-in holidays don't have a year.
    #[error("holidays are known from {first} to {last}, not in `{year}`")]
    Year {
        /// The year.
        year: i64,
        /// First year known.
        first: i64,
        /// Last year known.
        last: i64,
    },
    /// The file isn't the table it must be.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Diagnose for ClosureError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCalendars { .. } => Some(
                "set `EPYCLOUD_DATA_TABLES` to the folder of epymodelingsuite's data tables"
                    .to_owned(),
            ),
            Self::Table(error) => error.hint(),
            _ => None,
        }
    }
}
