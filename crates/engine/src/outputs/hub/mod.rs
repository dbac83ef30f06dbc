//! Submissions to modelling hubs: their rows, the hubs' published rules, and the check of the one
//! against the other.

mod error;
mod forecast;
mod observations;
mod populations;
mod prop_ed;
mod row;
mod rules;
mod samples;
mod scenario;
mod trends;
mod validate;

pub(super) use forecast::ForecastTable;
pub(super) use observations::Observations;
pub(super) use scenario::ScenarioTable;

pub use row::{HubRow, OutputType};
pub use rules::{Rules, Task, rules};
pub use validate::{Violation, validate};
