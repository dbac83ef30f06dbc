//! Resampling trajectories to another frequency, as pandas does it
//! (`resample(freq).agg("last" | "sum")` with missing values carried forward).

mod bins;
mod frequency;
mod offset;

pub(crate) use bins::Grid;
pub use frequency::{Frequency, FrequencyError};
