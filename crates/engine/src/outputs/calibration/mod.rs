//! Outputs of calibration workflows.

mod checked;
mod tables;
mod writer;

pub use writer::CalibrationWriter;
