//! What can keep a valid experiment from becoming tasks.

use epycloud_errors::{Diagnose, ExitCode};

use crate::array::ArrayError;
use crate::expression::ExpressionError;

/// A model that can't be built.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The simulated time isn't one.
    #[error("can't step from `{start}` to `{end}` by `{delta_t}` days: {reason}")]
    Timespan {
        /// First day.
        start: String,
        /// Last day.
        end: String,
        /// Step in days.
        delta_t: f64,
        /// Why not.
        reason: &'static str,
    },
    /// The native engine doesn't do something that the experiment asks for.
    #[error("the native engine does not support {feature}")]
    Unsupported {
        /// What it is, with the value in backticks.
        feature: String,
    },
    /// Something is left to sampling or calibration, and no value was chosen for it.
    #[error("nothing is chosen for `{name}`, which is {kind}")]
    NotChosen {
        /// `sampled` or `calibrated`.
        kind: &'static str,
        /// The parameter or the compartment.
        name: String,
    },
    /// An array of a stored model isn't one.
    #[error("the model is not a whole one")]
    Template(#[source] ArrayError),
    /// A schedule of doses ends before the simulation.
    #[error("there are doses for {found} steps, and {needed} steps to simulate")]
    TooFewDoses {
        /// Steps with doses.
        found: usize,
        /// Steps there are.
        needed: usize,
    },
    /// There is no such task.
    #[error("there is no task {index}")]
    NoTask {
        /// Its number.
        index: usize,
    },
    /// The experiment names no population.
    #[error("the experiment names no population")]
    NoPopulation,
    /// A parameter's expression can't be evaluated.
    #[error("could not calculate parameter `{parameter}`")]
    Parameter {
        /// The parameter.
        parameter: String,
        /// Why.
        source: ExpressionError,
    },
    /// An age-varying parameter has another number of values than there are age groups.
    #[error("parameter `{parameter}` has {found} values for {n_groups} age groups")]
    ParameterGroups {
        /// The parameter.
        parameter: String,
        /// Values there are.
        found: usize,
        /// Age groups.
        n_groups: usize,
    },
    /// A seasonality or an intervention is about a parameter that isn't there.
    #[error("{by} is about parameter `{parameter}`, which has no value")]
    NoParameter {
        /// What needs it.
        by: &'static str,
        /// The parameter.
        parameter: String,
    },
    /// A transition's rate can't be evaluated.
    #[error("could not evaluate the rate of transition `{transition}`")]
    Rate {
        /// The transition.
        transition: String,
        /// Why.
        source: ExpressionError,
    },
    /// A transition names a compartment that isn't there.
    #[error("transition `{transition}` names compartment `{compartment}`, which is not there")]
    NoCompartment {
        /// The transition.
        transition: String,
        /// The compartment.
        compartment: String,
    },
    /// The seasonality has no shape.
    #[error("seasonality of `{parameter}`: {reason}")]
    Seasonality {
        /// The parameter.
        parameter: String,
        /// Why not.
        reason: &'static str,
    },
    /// An intervention is on a contact layer that isn't there.
    #[error("an intervention scales contact layer `{layer}`, which is not one of {}", crate::population::LAYERS.join(", "))]
    NoLayer {
        /// The layer.
        layer: String,
    },
    /// Compartments start with more people than there are.
    #[error(
        "the compartments start with {placed} people in age group `{group}`, which has {people}"
    )]
    TooManyPeople {
        /// The age group.
        group: String,
        /// People placed.
        placed: f64,
        /// People there are.
        people: f64,
    },
    /// A compartment's initial condition isn't a number of people.
    #[error("compartment `{compartment}` starts with `{value}`, which is not a number of people")]
    InitialCondition {
        /// The compartment.
        compartment: String,
        /// What it starts with.
        value: f64,
    },
    /// Nothing says where people start.
    #[error(
        "no compartment says who is in it at the start, and without a mediated transition there is \
         no default"
    )]
    NoInitialCondition,
    /// The contact matrices have no eigenvalue.
    #[error("the contact matrices of `{population}` have no finite eigenvalue")]
    Eigenvalue {
        /// The population.
        population: String,
    },
    /// No seed was given and the operating system gave none.
    #[error("could not draw a random seed: {reason}")]
    Seed {
        /// What the operating system says.
        reason: String,
    },
}

impl Diagnose for ModelError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Seed { .. } => ExitCode::Failed,
            _ => ExitCode::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unsupported { .. } => {
                Some("run it with the python engine: `--engine python`".to_owned())
            }
            Self::NotChosen { kind, name } => Some(format!(
                "give `{name}` in the modelset, or a value of its own instead of `{kind}`"
            )),
            Self::NoPopulation => Some(
                "give `model.population.name` in the base model, or `population_names` in the \
                 modelset"
                    .to_owned(),
            ),
            Self::Parameter { source, .. } | Self::Rate { source, .. } => source.hint(),
            Self::NoInitialCondition => {
                Some("give a compartment `init: default` for everybody else".to_owned())
            }
            Self::TooManyPeople { .. } => {
                Some("a value of 1 or more is a count, one below 1 is a proportion".to_owned())
            }
            Self::Seed { .. } => Some("give `model.random_seed`".to_owned()),
            _ => None,
        }
    }
}
