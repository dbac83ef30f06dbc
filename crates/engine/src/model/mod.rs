//! Building: from a valid experiment and its data to tasks of plain numbers.
//!
//! What is built, and in which order things apply, is what `epymodelingsuite` builds
//! (`dispatcher/builder.py`): compartments, transitions (those by vaccination last), parameters,
//! seasonality, then interventions (school closures, contact matrices, parameter scalings in
//! document order, overrides), and initial conditions. [`DataSources::suite_behaviour`] says where
//! versions of the suite differ.

mod build;
mod closures;
mod contacts;
mod error;
mod initial;
mod parameters;
mod rates;
mod seasonality;
mod seed;
mod sources;
mod steps;
mod vaccination;

pub use build::{Build, build_tasks};
pub use closures::ClosureError;
pub use error::ModelError;
pub use sources::DataSources;
pub(crate) use steps::Steps;
pub use vaccination::VaccinationError;
