//! What keeps a vaccination schedule from being made.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

use super::super::error::ModelError;
use super::coverage::COVERAGE_GROUPS;
use crate::tables::TableError;

/// A vaccination schedule that can't be made.
#[derive(Debug, thiserror::Error)]
pub enum VaccinationError {
    /// The table has no row of the location.
    #[error("no vaccination data of `{location}` in `{}`", .path.display())]
    NoLocation {
        /// The location.
        location: String,
        /// The table.
        path: PathBuf,
    },
    /// The coverage table has no week that ends in the simulated time or after it began.
    #[error("`{}` has no week that ends on or after `{start}`", .path.display())]
    NoWeek {
        /// The table.
        path: PathBuf,
        /// First simulated day.
        start: String,
    },
    /// The simulation ends before the coverage begins.
    #[error("`{}` begins with the week to `{first}`, after the last simulated day `{end}`", .path.display())]
    TooEarly {
        /// The table.
        path: PathBuf,
        /// The last day of its first week.
        first: String,
        /// Last simulated day.
        end: String,
    },
    /// The age groups of a coverage table aren't the ones there are.
    #[error("age group `{group}` is not one of a coverage table's in `{}`", .path.display())]
    CoverageGroup {
        /// The group.
        group: String,
        /// The table.
        path: PathBuf,
    },
    /// A coverage table lacks an age group of a location.
    #[error("`{}` has no coverage of age group `{group}` of `{location}`", .path.display())]
    MissingGroup {
        /// The group.
        group: String,
        /// The location.
        location: String,
        /// The table.
        path: PathBuf,
    },
    /// The model's age groups aren't in order of age.
    #[error(
        "a vaccination schedule needs age groups in order of age, but `{group}` is not in order"
    )]
    Order {
        /// The first group that isn't.
        group: String,
    },
    /// A preprocessed table has several scenarios and none is chosen, or not the one that is.
    #[error("`{}` {}", .path.display(), match .asked {
        Some(asked) => format!("has no scenario `{asked}`"),
        None => "has several scenarios, and none is chosen".to_owned(),
    })]
    Scenario {
        /// The table.
        path: PathBuf,
        /// The scenario asked for.
        asked: Option<String>,
        /// The scenarios there are.
        found: Vec<String>,
    },
    /// A preprocessed table has a day twice.
    #[error("`{}` has `{day}` twice for `{location}`", .path.display())]
    DayTwice {
        /// The table.
        path: PathBuf,
        /// The day.
        day: String,
        /// The location.
        location: String,
    },
    /// A preprocessed table has fewer rows than the simulation has steps.
    #[error("`{}` has doses for {found} steps of `{location}`; the simulation has {needed}", .path.display())]
    TooShort {
        /// The table.
        path: PathBuf,
        /// The location.
        location: String,
        /// Steps it has doses for.
        found: usize,
        /// Steps of the simulation.
        needed: usize,
    },
    /// The suite's table of people by age ends too early.
    #[error("`{}` has {found} ages, expected 85", .path.display())]
    Codebook {
        /// The table.
        path: PathBuf,
        /// Rows there are.
        found: usize,
    },
    /// A preprocessed table can't be stepped through.
    #[error("could not step through `{}`", .path.display())]
    Steps {
        /// The table.
        path: PathBuf,
        /// Why.
        source: Box<ModelError>,
    },
    /// The file isn't the table it must be.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Diagnose for VaccinationError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::CoverageGroup { .. } => {
                let labels = COVERAGE_GROUPS.map(|group| format!("`{}`", group.label));
                Some(format!("its groups are {}", labels.join(", ")))
            }
            Self::Scenario { found, .. } => Some(format!(
                "set `model.vaccination.scenario` to one of {}",
                found
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
            Self::Table(error) => error.hint(),
            _ => None,
        }
    }
}
