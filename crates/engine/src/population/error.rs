//! What can be wrong with population data.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

use super::source::SOURCES;
use crate::tables::TableError;

/// Population data that an experiment needs and that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PopulationError {
    /// There is no population data at all.
    #[error("no population data: none of {} has a `locations.csv`", in_backticks(.looked_in))]
    NoFolder {
        /// The folders that could have had it.
        looked_in: Vec<PathBuf>,
    },
    /// The data doesn't have some locations.
    #[error(
        "no population data for {} in `{}`",
        .locations.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        .looked_in.display()
    )]
    UnknownLocations {
        /// The locations as the experiment writes them.
        locations: Vec<String>,
        /// A name like the only one.
        suggestion: Option<String>,
        /// The list that doesn't have it.
        looked_in: PathBuf,
    },
    /// A listed location has no age distribution.
    #[error("no age distribution of `{location}`: `{}` is not there", .path.display())]
    NoDemography {
        /// The location.
        location: String,
        /// The file.
        path: PathBuf,
    },
    /// A listed location has no contact matrix in a layer.
    #[error(
        "no contact matrix of `{location}` for layer `{layer}` from `{source_name}`: `{}` is not \
         there",
        .path.display()
    )]
    NoContactMatrix {
        /// The location.
        location: String,
        /// The source.
        source_name: String,
        /// The layer.
        layer: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A location's contact matrices are from a source that isn't known.
    #[error("contact source `{source_name}` of `{location}` is not one of {}", SOURCES.join(", "))]
    Source {
        /// The source.
        source_name: String,
        /// The location.
        location: String,
    },
    /// A contact matrix has the wrong shape.
    #[error(
        "`{}` is {rows} by {columns}; matrices of `{source_name}` are {expected} by {expected}",
        .path.display()
    )]
    MatrixShape {
        /// The file.
        path: PathBuf,
        /// Rows there are.
        rows: usize,
        /// Columns there are.
        columns: usize,
        /// The source.
        source_name: String,
        /// Rows and columns of the source's matrices.
        expected: usize,
    },
    /// An age distribution ends too early.
    #[error("`{}` has no row for age `{age}`", .path.display())]
    MissingAge {
        /// The file.
        path: PathBuf,
        /// The first age that isn't there.
        age: String,
    },
    /// Nobody is in an age group.
    #[error("age group `{group}` has nobody in `{}`", .path.display())]
    EmptyGroup {
        /// The age distribution.
        path: PathBuf,
        /// The group.
        group: String,
    },
    /// An age group isn't a range of ages.
    #[error("age group `{label}` is not a range of ages such as `5-17` or `65+` up to `84+`")]
    AgeGroup {
        /// The group as written.
        label: String,
    },
    /// An age is in no group or in several.
    #[error("age {age} is in {} of the age groups", if *.n_groups == 0 { "none".to_owned() } else { .n_groups.to_string() })]
    AgeInGroups {
        /// The age.
        age: usize,
        /// How many groups hold it.
        n_groups: usize,
    },
    /// A group has a part of an age bin of the contact matrices.
    #[error("the contact matrices of `{source_name}` have a bin `{bin}` that the age groups cut")]
    SplitBin {
        /// The source.
        source_name: String,
        /// The bin.
        bin: String,
    },
    /// A file isn't the table it must be.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Diagnose for PopulationError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFolder { .. } => Some(
                "set `EPYCLOUD_POPULATION_DATA` to a folder in epydemix-data's layout \
                 (https://github.com/epistorm/epydemix-data), or put one beside the experiments \
                 as `epydemix-data`"
                    .to_owned(),
            ),
            Self::UnknownLocations {
                suggestion: Some(name),
                ..
            } => Some(format!("is `{name}` meant?")),
            Self::UnknownLocations { .. } => {
                Some("set `EPYCLOUD_POPULATION_DATA` to population data that has them".to_owned())
            }
            Self::SplitBin { .. } => Some(
                "let the groups begin at multiples of five up to 75, or use a location whose \
                 primary contact source is `mistry_2021`"
                    .to_owned(),
            ),
            Self::AgeInGroups { .. } => {
                Some("age groups hold every age from 0 to `84+` once".to_owned())
            }
            Self::Table(error) => error.hint(),
            _ => None,
        }
    }
}

fn in_backticks(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect::<Vec<_>>()
        .join(", ")
}
