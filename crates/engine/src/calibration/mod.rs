//! Calibration: parameters whose simulations are near the observations, and projections from them.

pub mod abc;
mod build;
mod comparing;
mod distance;
mod error;
mod observed;
mod projection;
mod result;
mod run;
mod setting;
mod simulator;
mod task;
#[cfg(test)]
mod tests;

pub use build::{CalibrationBuild, build_calibration};
pub use distance::{Distance, DistanceError, DistanceFunction};
pub use error::CalibrationError;
pub use observed::ObservedError;
pub use result::{
    CalibratedParameter, CalibrationResult, FailedTrajectory, Observed, ProjectionResult,
};
pub use run::{CalibrationOptions, run_calibration};
pub use task::{CalibrationTask, START_DATE, Start};
