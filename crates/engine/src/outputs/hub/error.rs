//! Why a part of a submission is left out.

use std::path::PathBuf;

use jiff::civil::Date;

use crate::tables::TableError;

/// A part of a submission that a task has no numbers for. It becomes a warning: the rest is
/// written, as the suite does it.
#[derive(Debug, thiserror::Error)]
pub(in crate::outputs) enum HubFault {
    #[error("the hub has no code for population `{0}`")]
    Location(String),
    #[error("`{0}` isn't a projected column")]
    Column(String),
    #[error("no week of the projection ends on {0}")]
    NoDate(Date),
    #[error("the observations of `{name}` can't be read from {}: {source}", path.display())]
    Table {
        name: String,
        path: PathBuf,
        source: Box<TableError>,
    },
    #[error("`{name}` has no observation for `{location}` on {date}")]
    NoObservation {
        name: String,
        location: String,
        date: Date,
    },
    #[error("`{name}` has no observations for `{location}` to fit to")]
    NothingToFit { name: String, location: String },
    #[error("the number of people of `{0}` is not known")]
    People(String),
    #[error("the calibration kept no simulated data")]
    NoData,
}
