//! What can be wrong with a model, with its inputs, and with a running simulation.

use crate::random::InvalidDraw;

/// A model that can't be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A model without compartments, groups or transitions.
    #[error("the model has no {0}")]
    Empty(&'static str),
    /// A transition names a compartment that the model doesn't have.
    #[error("transition {transition} names compartment `{compartment}` of {n_compartments}")]
    UnknownCompartment {
        /// The transition, from 0 in registration order.
        transition: usize,
        /// The index it names.
        compartment: usize,
        /// How many there are.
        n_compartments: usize,
    },
}

/// Inputs that don't fit the plan, or a simulation that can't go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// An array that has another length than its shape says.
    #[error("expected {expected} {what}, found `{found}`")]
    Length {
        /// What it holds.
        what: &'static str,
        /// How many it holds.
        found: usize,
        /// How many fit.
        expected: usize,
    },
    /// A series that has neither one row nor one a step.
    #[error("{what} {index} has `{found}` steps, expected 1 or at least {expected}")]
    Steps {
        /// `rate` or `doses`.
        what: &'static str,
        /// Its index.
        index: usize,
        /// Its rows.
        found: usize,
        /// The simulation's steps.
        expected: usize,
    },
    /// The model refers to a series that isn't there.
    #[error("the model refers to {what} `{index}`, but there are {found}")]
    MissingSeries {
        /// `rate` or `doses`.
        what: &'static str,
        /// Its index.
        index: usize,
        /// How many there are.
        found: usize,
    },
    /// A step refers to a contact matrix that isn't there.
    #[error("step {step} refers to contact matrix `{matrix}`, but there are {found}")]
    MissingMatrix {
        /// The step.
        step: usize,
        /// The matrix's index.
        matrix: u32,
        /// How many there are.
        found: usize,
    },
    /// More people than a double counts exactly.
    #[error("group {group} has `{people}` people, more than 2^53")]
    TooManyPeople {
        /// The group.
        group: usize,
        /// Its people in all compartments.
        people: i128,
    },
    /// The rates of a step give no probabilities, where numpy raises a `ValueError`. The stream
    /// stands where numpy leaves it: behind the draws made before.
    #[error("no probabilities for compartment {source_compartment}, group {group}, step {step}")]
    Probabilities {
        /// The step.
        step: usize,
        /// The compartment that people would have left.
        source_compartment: usize,
        /// Their group.
        group: usize,
        /// What is wrong with them.
        #[source]
        cause: InvalidDraw,
    },
}
