//! The native engine: reads an experiment, builds its tasks, simulates them and writes their
//! outputs, in pure Rust.

mod array;
mod calendar;
mod error;
pub mod expression;
pub mod locations;
pub mod model;
pub mod outputs;
pub mod population;
pub mod schema;
pub mod simulation;
mod tables;

pub use array::{Array, ArrayError};
pub use error::EngineError;
pub use model::{Build, DataSources, build_tasks};
pub use simulation::run_task;
pub use tables::TableError;
