//! Tasks of a simulation workflow and their results.

mod result;
mod task;

pub use result::SimulationResult;
pub use task::{ParameterValue, SimulationTask, TaskTransition};
