//! Modelsets as typed values: what `modelset:` in an experiment's YAML says once it is valid.
//!
//! Field names and meanings follow `epymodelingsuite`'s `schema/sampling.py` and
//! `schema/calibration.py`.

mod distribution;
pub mod sampling;

pub use distribution::Distribution;
