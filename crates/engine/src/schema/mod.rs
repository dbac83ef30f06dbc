//! The experiment's YAML as typed, validated values.

pub mod basemodel;
mod experiment;
mod invalid;
pub mod modelset;
pub mod output;
mod read;

pub use experiment::Experiment;
pub use invalid::InvalidExperiment;
pub use modelset::Modelset;
pub use read::{read_experiment, read_output};
