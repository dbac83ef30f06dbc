//! Calibration: parameters whose simulations are near the observations, and projections from them.

pub mod abc;
mod distance;
mod result;

pub use distance::{Distance, DistanceError, DistanceFunction};
pub use result::{
    CalibratedParameter, CalibrationResult, FailedTrajectory, Observed, ProjectionResult,
};
