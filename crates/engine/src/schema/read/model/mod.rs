//! The base model.

mod compartments;
mod interventions;
mod parameters;
mod population;
mod rates;
mod seasonality;
mod timespan;
mod transitions;
mod vaccination;

use epycloud_config::ModelsetKind;

use super::Workflow;
use super::output::Names;
use super::reader::{Item, Reader};
use crate::schema::basemodel::{
    BaseModel, InitialCondition, Intervention, Meta, Parameter, Population, Seasonality,
    Simulation, StartDate, Timespan, Vaccination,
};
use compartments::Compartments;
use parameters::Parameters;
use transitions::Transitions;

const KEYS: &[&str] = &[
    "meta",
    "name",
    "random_seed",
    "timespan",
    "simulation",
    "population",
    "compartments",
    "transitions",
    "parameters",
    "vaccination",
    "seasonality",
    "interventions",
];

/// What could be read of a base model. A part that is `None` has a fault, or isn't there.
#[derive(Default)]
pub(super) struct Draft {
    meta: Option<Meta>,
    name: Option<String>,
    random_seed: Option<u64>,
    timespan: Option<Timespan>,
    simulation: Option<Simulation>,
    population: Option<Population>,
    compartments: Option<Compartments>,
    transitions: Option<Transitions>,
    parameters: Option<Parameters>,
    vaccination: Option<Vaccination>,
    seasonality: Option<Seasonality>,
    interventions: Vec<Intervention>,
}

impl Draft {
    /// The names of output columns, unless a part of them couldn't be read.
    pub(super) fn names(&self) -> Option<Names> {
        Some(Names {
            groups: self.population.as_ref()?.age_groups.clone(),
            compartments: self.compartments.as_ref()?.ids()?,
            transitions: self.transitions.as_ref()?.pairs()?,
            comparisons: Vec::new(),
        })
    }

    /// What a modelset refers to.
    pub(super) fn given(&self) -> Given<'_> {
        Given {
            names: self.names(),
            draft: self,
        }
    }

    /// The whole model, if every part of it could be read.
    pub(super) fn finish(self) -> Option<BaseModel> {
        Some(BaseModel {
            meta: self.meta,
            name: self.name,
            random_seed: self.random_seed,
            timespan: self.timespan?,
            simulation: self.simulation?,
            population: self.population?,
            compartments: self.compartments?.finish()?,
            transitions: self.transitions?.finish()?,
            parameters: self.parameters?.finish()?,
            vaccination: self.vaccination,
            seasonality: self.seasonality,
            interventions: self.interventions,
        })
    }
}

/// What a modelset refers to in the base model, as far as it could be read.
pub(super) struct Given<'a> {
    draft: &'a Draft,
    /// The names of output columns.
    pub(super) names: Option<Names>,
}

impl Given<'_> {
    /// Parameters by name; `None` for one that has a fault, or for all when names are missing.
    pub(super) fn parameters(&self) -> Option<Vec<(&str, Option<&Parameter>)>> {
        self.draft.parameters.as_ref()?.all()
    }

    /// Compartments by name and who is in them at the start.
    pub(super) fn compartments(&self) -> Option<Vec<(&str, Option<&InitialCondition>)>> {
        self.draft.compartments.as_ref()?.all()
    }

    /// The population that the base model names.
    pub(super) fn population(&self) -> Option<&str> {
        self.draft.population.as_ref()?.name.as_deref()
    }

    pub(super) fn timespan(&self) -> Option<&Timespan> {
        self.draft.timespan.as_ref()
    }

    pub(super) fn start_date(&self) -> Option<StartDate> {
        self.timespan().map(|timespan| timespan.start_date)
    }
}

/// What parts of a model refer to in others; `None` where that couldn't be read.
#[derive(Default)]
struct Context<'a> {
    workflow: Workflow,
    n_groups: Option<usize>,
    compartments: Option<&'a Compartments>,
    parameters: Option<&'a Parameters>,
    timespan: Option<&'a Timespan>,
    /// Whether there is a vaccination, and what it says if that could be read.
    vaccination: Option<Option<&'a Vaccination>>,
}

/// Reads `model`.
pub(super) fn read(reader: &mut Reader<'_>, workflow: Workflow) -> Draft {
    let Some(model) = reader.section("model") else {
        return Draft::default();
    };
    let Some(fields) = reader.fields(&model, KEYS) else {
        return Draft::default();
    };
    let mut draft = Draft {
        meta: reader.meta(&fields),
        name: fields.optional("name").and_then(|item| reader.text(&item)),
        random_seed: fields
            .optional("random_seed")
            .and_then(|item| reader.seed(&item)),
        ..Draft::default()
    };
    draft.timespan = reader
        .required(&fields, "timespan")
        .and_then(|item| reader.timespan(&item, workflow));
    draft.simulation = reader.simulation(fields.optional("simulation"), draft.timespan.as_ref());
    draft.population = reader
        .required(&fields, "population")
        .and_then(|item| reader.population(&item, workflow));
    let groups = draft
        .population
        .as_ref()
        .map(|population| population.age_groups.as_slice());
    draft.compartments = reader
        .required(&fields, "compartments")
        .and_then(|item| reader.compartments(&item, groups, workflow));
    let context = Context {
        workflow,
        n_groups: groups.map(<[String]>::len),
        compartments: draft.compartments.as_ref(),
        timespan: draft.timespan.as_ref(),
        ..Context::default()
    };
    draft.parameters = reader
        .required(&fields, "parameters")
        .and_then(|item| reader.parameters(&item, &context));
    let vaccination = fields.optional("vaccination");
    draft.vaccination = vaccination
        .as_ref()
        .and_then(|item| reader.vaccination(item, &context));
    let context = Context {
        parameters: draft.parameters.as_ref(),
        vaccination: vaccination.as_ref().map(|_| draft.vaccination.as_ref()),
        ..context
    };
    draft.transitions = reader
        .required(&fields, "transitions")
        .and_then(|item| reader.transitions(&item, &context));
    if let (Some(item), Some(transitions)) = (&vaccination, &draft.transitions) {
        reader.check_doses_are_used(item, transitions);
    }
    draft.seasonality = fields
        .optional("seasonality")
        .and_then(|item| reader.seasonality(&item, &context));
    draft.interventions = fields
        .optional("interventions")
        .map(|item| reader.interventions(&item, &context))
        .unwrap_or_default();
    draft
}

impl Reader<'_> {
    fn seed(&mut self, item: &Item<'_>) -> Option<u64> {
        self.whole(item, 0, i128::from(u64::MAX))
            .and_then(|seed| u64::try_from(seed).ok())
    }
}

/// The words for a value that a modelset gives.
const DRAWN: [&str; 2] = ["sampled", "calibrated"];

impl Reader<'_> {
    /// Checks that a value left to a modelset (`sampled`, `calibrated`) is one that it gives.
    fn drawn(&mut self, item: &Item<'_>, word: &str, workflow: Workflow) {
        let (wanted, section) = match word {
            "sampled" => (ModelsetKind::Sampling, "sampling"),
            _ => (ModelsetKind::Calibration, "calibration"),
        };
        if workflow == Some(wanted) {
            return;
        }
        let message = match workflow {
            Some(ModelsetKind::Sampling) => format!("`{word}`, but the modelset has `sampling`"),
            Some(ModelsetKind::Calibration) => {
                format!("`{word}`, but the modelset has `calibration`")
            }
            _ => format!("`{word}` needs a modelset with `{section}`, and there is none"),
        };
        self.error_with_hint(item, message, "give it a value here, or in the modelset");
    }
}
