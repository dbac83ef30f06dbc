//! What can go wrong while a task runs.

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_kernel::PlanError;

use crate::array::ArrayError;
use crate::model::ModelError;

/// A task that can't be simulated.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A part of the task doesn't fit the others, as in an artifact that wasn't written by the
    /// builder.
    #[error("task {task} is not a whole task: {part}")]
    Part {
        /// Number of the task.
        task: u32,
        /// The part that doesn't fit.
        part: &'static str,
        /// Why, if an array is at fault.
        source: Option<ArrayError>,
    },
    /// The dates of the task are none.
    #[error("task {task} can't be stepped through")]
    Steps {
        /// Number of the task.
        task: u32,
        /// Why.
        source: Box<ModelError>,
    },
    /// The model can't be simulated.
    #[error("task {task} has a model that can't be simulated")]
    Plan {
        /// Number of the task.
        task: u32,
        /// Why.
        source: PlanError,
    },
    /// The numbers of the task don't fit its model.
    #[error("task {task} has numbers that don't fit its model")]
    Inputs {
        /// Number of the task.
        task: u32,
        /// Why.
        source: epycloud_kernel::SimulationError,
    },
    /// The rates of a step are no probabilities (numpy raises a `ValueError` there).
    #[error(
        "task {task}, simulation {simulation}: the rates of leaving `{compartment}` in age group \
         `{group}` at step {step} ({date}) are no probabilities"
    )]
    Probabilities {
        /// Number of the task.
        task: u32,
        /// The simulation, from 0.
        simulation: u32,
        /// The compartment that people would have left.
        compartment: String,
        /// Their age group.
        group: String,
        /// The step, from 0.
        step: usize,
        /// When it is.
        date: String,
        /// What is wrong with them.
        source: Box<epycloud_kernel::SimulationError>,
    },
}

impl Diagnose for RunError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Probabilities { .. } => {
                Some("is a rate negative, or a value in its expression too large?".to_owned())
            }
            Self::Part { .. } | Self::Inputs { .. } => {
                Some("build the task again with the same version".to_owned())
            }
            _ => None,
        }
    }
}
