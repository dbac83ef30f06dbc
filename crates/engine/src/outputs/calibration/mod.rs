//! Outputs of calibration workflows.

mod checked;
mod fit;
mod fit_dates;
mod tables;
mod writer;

pub(super) use checked::{CheckedCalibration, CheckedProjection};
pub(super) use tables::sorted_data;
pub use writer::CalibrationWriter;
