//! numpy-exact random streams and the chain-binomial stepper.

mod error;
mod inputs;
pub mod math;
mod model;
mod plan;
pub mod random;
mod sink;
mod stepper;

pub use error::{PlanError, SimulationError};
pub use inputs::{Inputs, MatrixOrder, Series};
pub use model::{DosesId, Kind, Model, RateId, Transition};
pub use plan::Plan;
pub use sink::{Sink, Trajectory};
pub use stepper::{Scratch, run};
