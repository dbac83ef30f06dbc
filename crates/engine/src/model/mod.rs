//! Building: from a valid experiment and its data to tasks of plain numbers.
//!
//! What is built, and in which order things apply, is what `epymodelingsuite` builds
//! (`dispatcher/builder.py`): compartments, transitions (those by vaccination last), parameters,
//! seasonality, then interventions (school closures, contact matrices, parameter scalings in
//! document order, overrides), and initial conditions. [`DataSources::suite_behaviour`] says where
//! versions of the suite differ.
//!
//! # Exactness
//! Every array of a task equals epydemix's to the last bit, with two exceptions. `eigenvalue` is
//! some units in the last place away from LAPACK's, whose own last digits change with the
//! processor. And a sine is the C library's, which is not the same everywhere. Neither changes a
//! count except by rare chance.
//!
//! # Whose people a vaccination coverage is of
//! The suite multiplies coverage with people of its own `population_codebook.csv`, not with those
//! of the population it simulates (in Massachusetts it has 7,233,476 people, epydemix-data has
//! 7,001,399). So that doses are the suite's:
//! - if the folder of data tables has `population_codebook.csv` and it has the location, its people
//!   are used, as the suite uses them;
//! - otherwise the built-in totals of the six age groups of coverage tables, summed from that
//!   codebook, for the country, the states and the federal district. Where a model's age group has
//!   a part of one of the six, the part is that of the simulated population's single ages, and a
//!   warning says so;
//! - a location in neither is vaccinated by the simulated population's own people, with a warning.
//!
//! # Where the suite fails and this doesn't
//! Steps that don't divide the simulated time, with seasonality and an override or an age-varying
//! target; scaling an age-varying parameter; calculated parameters from age-varying ones; a
//! frequency for fewer than three steps; contact matrices in bins of five years. Overrides of a
//! parameter written as an expression of whole numbers (`"2*3"`) aren't cut to whole numbers.

mod assembler;
mod build;
mod choice;
mod closures;
mod community;
mod contacts;
mod error;
mod initial;
mod parameters;
mod places;
mod rates;
mod seasonality;
mod seed;
mod sources;
mod steps;
mod template;
#[cfg(test)]
mod test_support;
mod vaccination;

pub(crate) use assembler::{Assembled, Assembler, Timeline};
pub use build::{Build, build_tasks};
pub(crate) use build::{check_frequency, distinct, start_not_chosen};
pub(crate) use choice::Choice;
pub use closures::ClosureError;
pub use error::ModelError;
pub(crate) use places::{Places, Span};
pub(crate) use seed::of as seed_of;
pub use sources::DataSources;
pub(crate) use steps::Steps;
pub use template::{ContactScaling, Doses, ModelTemplate};
pub use vaccination::VaccinationError;
