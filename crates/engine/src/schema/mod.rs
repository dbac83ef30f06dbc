//! The experiment's YAML as typed, validated values.

pub mod basemodel;
mod experiment;
pub mod output;

pub use experiment::{Experiment, Modelset};
