//! The native engine: reads an experiment, builds its tasks, simulates them and writes their
//! outputs, in pure Rust.

mod array;
mod calendar;
pub mod calibration;
mod error;
pub mod expression;
pub mod limits;
pub mod locations;
pub mod model;
mod numpy_sum;
pub mod outputs;
pub mod population;
pub mod priors;
pub mod sampling;
pub mod schema;
pub mod simulation;
mod tables;

pub use array::{Array, ArrayError};
pub use error::EngineError;
pub use model::{Build, DataSources, build_tasks};
pub use simulation::run_task;
pub use tables::TableError;

/// Whose numbers the kernel reproduces, for the record of an artifact.
pub use epycloud_kernel::MODE as KERNEL_MODE;
