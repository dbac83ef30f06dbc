//! The input of one task: a model built down to plain numbers, so that a runner needs nothing but
//! this (no repository, no population data, no tables).

use serde::{Deserialize, Serialize};

use crate::array::Array;

/// Everything that stage B simulates for one task. Its serde form is the payload of a native
/// input artifact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulationTask {
    /// Number of the task, from 0; also its index in file names.
    pub primary_id: u32,
    /// epydemix name of the population (`United_States_Massachusetts`).
    pub population: String,
    /// Name of the model, if it has one.
    pub model_name: Option<String>,
    /// Seed of the random stream that all simulations of the task share.
    pub seed: u64,
    /// Step in days.
    pub delta_t: f64,
    /// First date, `YYYY-MM-DD`.
    pub start_date: String,
    /// Last date, `YYYY-MM-DD`.
    pub end_date: String,
    /// Number of simulations.
    pub n_sims: u32,
    /// pandas frequency to resample to; `None` keeps every step.
    pub resample_frequency: Option<String>,
    /// Age groups, in index order (G of them).
    pub groups: Vec<String>,
    /// People in each group: `<f8`, `[G]`.
    pub group_sizes: Array,
    /// Compartments, in index order (C of them).
    pub compartments: Vec<String>,
    /// People in each compartment and group at the start, whole numbers: `<i8`, `[C, G]`.
    pub initial: Array,
    /// Transitions, in registration order.
    pub transitions: Vec<TaskTransition>,
    /// Rates that transitions refer to by index, each `<f8` of `[T or 1, G]` per day, overrides
    /// applied. T is the number of simulation steps.
    pub rates: Vec<Array>,
    /// Different overall contact matrices (all layers summed, interventions applied):
    /// `<f8`, `[M, G, G]`.
    pub contact_matrices: Array,
    /// Which matrix each step uses: `<u4`, `[T]`.
    pub contact_of_step: Array,
    /// Doses per day for every step and group: `<f8`, `[T, G]`.
    pub doses: Option<Array>,
    /// Compartments whose people share the doses.
    pub eligible: Vec<u32>,
    /// The parameters as the model has them, for the metadata, in document order.
    pub parameters: Vec<(String, ParameterValue)>,
}

/// A transition of a built model; compartments are indices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskTransition {
    /// Compartment that people leave.
    pub source: u32,
    /// Compartment that people enter.
    pub target: u32,
    /// Index into the rates; `None` for a vaccination.
    pub rate: Option<u32>,
    /// The infectious compartment of a mediated transition.
    pub mediator: Option<u32>,
}

/// A parameter's value as the model has it before overrides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParameterValue {
    /// One number for everybody and always.
    Number(f64),
    /// An array: `[T]`, `[1, G]` or `[T, G]`.
    Array(Array),
}
