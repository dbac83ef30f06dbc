//! The base model as typed values: what `model:` in an experiment's YAML says once it is valid.
//!
//! Field names and meanings follow `epymodelingsuite`'s `schema/basemodel.py` (the newest read;
//! older keys are accepted by the reader and arrive here in the same fields).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A compartmental model, its parameters and the time it runs for.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseModel {
    /// Who wrote it and why.
    pub meta: Option<Meta>,
    /// The model's name.
    pub name: Option<String>,
    /// Seed of the random stream; without one, the builder draws and records one.
    pub random_seed: Option<u64>,
    /// Start, end and step of the simulation.
    pub timespan: Timespan,
    /// How often to simulate and how to resample.
    pub simulation: Simulation,
    /// Where the people live and how they are grouped.
    pub population: Population,
    /// Compartments, in the order of their indices.
    pub compartments: Vec<Compartment>,
    /// Transitions, in the order they are registered.
    pub transitions: Vec<Transition>,
    /// Parameters by name, in document order.
    pub parameters: Vec<(String, Parameter)>,
    /// Vaccination schedule.
    pub vaccination: Option<Vaccination>,
    /// Seasonal forcing of one parameter.
    pub seasonality: Option<Seasonality>,
    /// Interventions, in document order.
    pub interventions: Vec<Intervention>,
}

/// Descriptive metadata; nothing of it changes a result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta {
    /// Identifier that names the output folder (`outputs/{time}_{id}`).
    pub id: Option<String>,
    /// What the experiment is for.
    pub description: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// Its version, as written.
    pub version: Option<String>,
    /// Its date, as written.
    pub date: Option<String>,
}

/// The simulated time.
#[derive(Debug, Clone, PartialEq)]
pub struct Timespan {
    /// First date.
    pub start_date: StartDate,
    /// Last date (inclusive).
    pub end_date: Date,
    /// Step in days, greater than zero.
    pub delta_t: f64,
}

/// A start date, or the word that says where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartDate {
    /// A fixed date.
    Date(Date),
    /// Drawn by a sampling workflow.
    Sampled,
    /// Fitted by a calibration workflow.
    Calibrated,
}

/// How often to simulate and how to resample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// Number of simulations a task (the suite's default is 10).
    pub n_sims: u32,
    /// pandas frequency to resample to (`D`, `W-SAT`, `ME`, …); `None` keeps every step.
    pub resample_frequency: Option<String>,
}

/// The population to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Location, in any form (ISO 3166, FIPS, abbreviation, English, epydemix).
    pub name: Option<String>,
    /// Another location whose contact matrices are used.
    pub contact_matrix: Option<String>,
    /// Age groups such as `0-4` and `65+`.
    pub age_groups: Vec<String>,
}

/// A compartment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compartment {
    /// Its name in transitions and outputs.
    pub id: String,
    /// Its name for people.
    pub label: Option<String>,
    /// Who is in it at the start; `None` is nobody.
    pub init: Option<InitialCondition>,
}

/// Who is in a compartment at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialCondition {
    /// What the other compartments leave, shared equally among default compartments.
    Default,
    /// A count (at least 1), spread over the groups by their size, or a proportion (below 1) of
    /// every group.
    Scalar(f64),
    /// A count (at least 1) or a proportion (below 1) for each age group.
    ByGroup(Vec<f64>),
    /// Drawn by a sampling workflow.
    Sampled,
    /// Fitted by a calibration workflow.
    Calibrated,
}

/// A transition between two compartments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Compartment that people leave.
    pub source: String,
    /// Compartment that people enter.
    pub target: String,
    /// What drives it.
    pub kind: TransitionKind,
}

/// What drives a transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// At a rate of its own.
    Spontaneous {
        /// Rate per day.
        rate: Rate,
    },
    /// By contact with people in another compartment.
    Mediated {
        /// Rate per contact and day.
        rate: Rate,
        /// The infectious compartment.
        mediator: String,
    },
    /// By the doses of the model's vaccination schedule.
    Vaccination,
}

/// A number, or an expression of parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    /// A constant.
    Number(f64),
    /// A parameter's name or an expression such as `beta*r_vax`.
    Expression(String),
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// One value for everybody: a number, or an arithmetic expression without names (`1/1.5`).
    Scalar(Rate),
    /// One value for each age group.
    AgeVarying(Vec<Rate>),
    /// An expression of other parameters, `eigenvalue` and numpy functions.
    Calculated(String),
    /// Drawn by a sampling workflow.
    Sampled,
    /// Fitted by a calibration workflow.
    Calibrated,
}

/// Where the doses come from and who gets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vaccination {
    /// The coverage or dose table, relative to the forecast repository.
    pub source: VaccinationSource,
    /// Scenario to pick from a preprocessed table that has several.
    pub scenario: Option<String>,
    /// Compartment that vaccination empties.
    pub origin_compartment: String,
    /// Compartments whose people receive doses (only those in the origin move).
    pub eligible_compartments: Vec<String>,
}

/// A vaccination table and its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaccinationSource {
    /// Weekly coverage by age group (Scenario Modeling Hub form, one `Coverage` column).
    Scenario(String),
    /// Daily doses (`dates`, `location`, one column an age group).
    Preprocessed(String),
}

/// Seasonal forcing (Balcan et al. 2010, equation 25).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seasonality {
    /// Parameter to scale.
    pub target_parameter: String,
    /// Date of the peak.
    pub seasonality_max_date: Date,
    /// Date of the trough; without it the period is 365 days.
    pub seasonality_min_date: Option<Date>,
    /// With `min_value`, sets the trough at `min_value / max_value` of the peak.
    pub max_value: f64,
    /// See `max_value`.
    pub min_value: f64,
}

/// An intervention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intervention {
    /// Scales the `school` layer on the days that schools are closed.
    SchoolClosure {
        /// Factor, at least zero.
        scaling_factor: f64,
    },
    /// Scales one contact layer between two dates, both included.
    ContactMatrix {
        /// Layer (`school`, `work`, `home`, `community`).
        layer: String,
        /// Factor, at least zero.
        scaling_factor: f64,
        /// First date.
        start_date: Date,
        /// Last date.
        end_date: Date,
    },
    /// Scales a parameter between two dates, both included.
    ParameterScaling {
        /// Parameter.
        target_parameter: String,
        /// Factor, at least zero.
        scaling_factor: f64,
        /// First date.
        start_date: Date,
        /// Last date.
        end_date: Date,
    },
    /// Sets a parameter between two dates; applied after every scaling.
    ParameterOverride {
        /// Parameter.
        target_parameter: String,
        /// Value.
        override_value: f64,
        /// First date.
        start_date: Date,
        /// Last date.
        end_date: Date,
    },
}
