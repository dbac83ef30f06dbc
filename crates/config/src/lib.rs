//! What a run is told: identifiers, settings from the environment, the experiment's files.

mod choices;
mod fault;
pub mod yaml;

pub use choices::{EngineName, ExecutionMode, LogLevel, Stage, SuiteBehaviour, UnknownChoice};
pub use fault::{Fault, Severity};
