//! The native engine: reads an experiment, builds its tasks, simulates them and writes their
//! outputs, in pure Rust.

mod array;
pub mod expression;
pub mod locations;
pub mod outputs;
pub mod schema;
pub mod simulation;

pub use array::{Array, ArrayError};
