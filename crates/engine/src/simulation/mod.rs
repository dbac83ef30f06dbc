//! Tasks of a simulation workflow, running them, and their results.

mod error;
mod kernel_model;
mod records;
mod resample;
mod result;
mod run;
mod task;

pub use error::RunError;
pub(crate) use kernel_model::{kernel_model, pair_names};
pub(crate) use records::Records;
pub(crate) use resample::Grid;
pub use resample::{Frequency, FrequencyError};
pub use result::SimulationResult;
pub use run::run_task;
pub use task::{ParameterValue, SimulationTask, TaskTransition};
