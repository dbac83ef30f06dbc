//! Tasks of a simulation workflow, running them, and their results.

mod error;
mod resample;
mod result;
mod run;
mod task;

pub use error::RunError;
pub use resample::{Frequency, FrequencyError};
pub use result::SimulationResult;
pub use run::run_task;
pub use task::{ParameterValue, SimulationTask, TaskTransition};
