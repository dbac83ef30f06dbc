//! A model of one population before values are chosen for what the experiment leaves open, as
//! plain data: what a calibration simulates from, and what sampled tasks are made of.

use epycloud_config::SuiteBehaviour;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::array::Array;
use crate::schema::basemodel::{Compartment, Intervention, Parameter, Seasonality, Transition};

/// Everything of a model that is the same for every choice: expressions are still text, but all
/// files have been read. Its serde form is part of a calibration's input artifact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelTemplate {
    /// epydemix name of the population.
    pub population: String,
    /// Name of the model, if it has one.
    pub model_name: Option<String>,
    /// Version of the suite that the model agrees with.
    pub suite_behaviour: SuiteBehaviour,
    /// Step in days.
    pub delta_t: f64,
    /// pandas frequency to resample to; `None` keeps every step.
    pub resample_frequency: Option<String>,
    /// Age groups, in index order (G of them).
    pub groups: Vec<String>,
    /// People in each group: `<f8`, `[G]`.
    pub group_sizes: Array,
    /// Contacts a day in each layer (school, work, home, community): `<f8`, `[4, G, G]`.
    pub contacts: Array,
    /// Scalings of contact layers, in the order in which they apply.
    pub contact_scalings: Vec<ContactScaling>,
    /// Compartments, in index order.
    pub compartments: Vec<Compartment>,
    /// Transitions, in registration order: vaccinations last.
    pub transitions: Vec<Transition>,
    /// Parameters by name, in document order.
    pub parameters: Vec<(String, Parameter)>,
    /// Seasonal forcing.
    pub seasonality: Option<Seasonality>,
    /// Interventions on parameters, in document order.
    pub interventions: Vec<Intervention>,
    /// Vaccine doses, if there are any.
    pub doses: Option<Doses>,
    /// Compartments whose people share the doses.
    pub eligible: Vec<String>,
}

/// A contact layer's scaling between two days, both included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactScaling {
    /// Index of the layer in `contacts`.
    pub layer: u32,
    /// Factor.
    pub factor: f64,
    /// First day.
    pub start_date: Date,
    /// Last day, up to its midnight.
    pub end_date: Date,
}

/// Vaccine doses of each age group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doses {
    /// Of every step from a fixed start on, per day: `<f8`, `[T, G]`.
    Steps(Array),
    /// Of every day from the earliest start on: `<f8`, `[days, G]`. A simulation that begins later
    /// catches up in its first week.
    Days {
        /// The first day.
        start_date: Date,
        /// The doses.
        doses: Array,
    },
}
