//! Calibration: parameters whose simulations are near the observations, and projections from them.

pub mod abc;
mod distance;

pub use distance::{Distance, DistanceError, DistanceFunction};
