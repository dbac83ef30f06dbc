//! The experiment's YAML as typed, validated values.

pub mod basemodel;
pub mod output;
