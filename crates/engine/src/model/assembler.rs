//! From a template and chosen values to the numbers of a model.

use epycloud_config::SuiteBehaviour;

use super::choice::Choice;
use super::community::Community;
use super::contacts::{self, ContactSchedule, Scaling};
use super::error::ModelError;
use super::initial::InitialCounts;
use super::parameters::{Parameters, Surroundings};
use super::rates::{self, Definitions};
use super::steps::{Period, Steps};
use super::template::{Doses, ModelTemplate};
use super::vaccination::{DailyDoses, at_steps};
use crate::array::{Array, ArrayError};
use crate::calendar::day_number;
use crate::population::LAYERS;
use crate::schema::basemodel::{Rate, Transition, TransitionKind};
use crate::schema::modelset::calibration::SEASONALITY_MIN;
use crate::simulation::TaskTransition;

/// Assembles models from one template.
#[derive(Debug)]
pub(crate) struct Assembler<'a> {
    template: &'a ModelTemplate,
    community: Community,
    scalings: Vec<Scaling>,
    doses: Option<Schedule>,
    /// Transitions, in registration order; a vaccination that is listed twice is there once.
    transitions: Vec<TaskTransition>,
    /// The different rates that they refer to, each with a transition that names it in errors.
    rates: Vec<(&'a Rate, String)>,
    eligible: Vec<u32>,
}

/// The doses of a template.
#[derive(Debug)]
enum Schedule {
    Steps(Vec<f64>),
    Days(DailyDoses),
}

/// What depends on nothing but the simulated time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timeline {
    pub(crate) steps: Steps,
    pub(crate) contacts: ContactSchedule,
    /// Doses per day: `[T, G]`.
    pub(crate) doses: Option<Vec<f64>>,
}

/// What depends on the chosen values too.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Assembled {
    pub(crate) parameters: Parameters,
    /// Whole people at the start: `[C, G]`.
    pub(crate) initial: Vec<i64>,
    /// One series a rate.
    pub(crate) rates: Vec<RateSeries>,
}

/// A rate per day: `[T or 1, G]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RateSeries {
    pub(crate) n_rows: usize,
    pub(crate) values: Vec<f64>,
}

impl<'a> Assembler<'a> {
    /// Makes sense of a template.
    ///
    /// # Errors
    /// When a transition names a compartment that isn't there, or an array isn't one.
    pub(crate) fn new(template: &'a ModelTemplate) -> Result<Self, ModelError> {
        let community = community(template).map_err(ModelError::Template)?;
        let n_groups = community.n_groups();
        let doses = template
            .doses
            .as_ref()
            .map(|doses| schedule(doses, n_groups))
            .transpose()
            .map_err(ModelError::Template)?;
        let mut assembler = Self {
            template,
            community,
            scalings: template
                .contact_scalings
                .iter()
                .map(|scaling| Scaling {
                    layer: scaling.layer as usize,
                    factor: scaling.factor,
                    period: Period::of_dates(scaling.start_date, scaling.end_date),
                })
                .collect(),
            doses,
            transitions: Vec::new(),
            rates: Vec::new(),
            eligible: Vec::new(),
        };
        assembler.eligible = template
            .eligible
            .iter()
            .map(|id| assembler.compartment(id, "vaccination"))
            .collect::<Result<_, _>>()?;
        for transition in &template.transitions {
            assembler.register(transition)?;
        }
        Ok(assembler)
    }

    /// The template.
    pub(crate) const fn template(&self) -> &'a ModelTemplate {
        self.template
    }

    /// The people.
    pub(crate) const fn community(&self) -> &Community {
        &self.community
    }

    /// Transitions, in registration order.
    pub(crate) fn transitions(&self) -> &[TaskTransition] {
        &self.transitions
    }

    /// Compartments whose people share the doses.
    pub(crate) fn eligible(&self) -> &[u32] {
        &self.eligible
    }

    /// Whatever depends on the simulated time alone, from the midnight of one day to that of
    /// another, counted from 1970-01-01.
    pub(crate) fn timeline(&self, first_day: i64, last_day: i64) -> Result<Timeline, ModelError> {
        let steps = Steps::between(first_day, last_day, self.template.delta_t)?;
        let contacts = contacts::schedule(&self.community, &self.scalings, &steps);
        let doses = match &self.doses {
            None => None,
            Some(Schedule::Steps(doses)) => {
                let n = steps.n * self.community.n_groups();
                let doses = doses.get(..n).ok_or(ModelError::TooFewDoses {
                    found: doses.len() / self.community.n_groups().max(1),
                    needed: steps.n,
                })?;
                Some(doses.to_vec())
            }
            Some(Schedule::Days(daily)) => Some(at_steps(
                &daily.starting(first_day),
                &steps,
                SuiteBehaviour::Latest, // suite 0.1.0 can't do this at steps below a day
            )),
        };
        Ok(Timeline {
            steps,
            contacts,
            doses,
        })
    }

    /// Everything else.
    ///
    /// # Errors
    /// When nothing is chosen for what the experiment leaves open, or what is chosen makes no model.
    pub(crate) fn assemble(
        &self,
        choice: &Choice<'_>,
        steps: &Steps,
    ) -> Result<Assembled, ModelError> {
        let template = self.template;
        let initial = InitialCounts::place(&template.compartments, &self.community, choice)?;
        let parameters = self.parameters(choice, &initial, steps)?;
        let n_groups = self.community.n_groups();
        let definitions = Definitions::new(&parameters, &template.interventions, steps, n_groups)?;
        let rates = self
            .rates
            .iter()
            .map(|(rate, transition)| definitions.rate(rate, transition))
            .collect::<Result<_, _>>()?;
        drop(definitions);
        Ok(Assembled {
            initial: initial.whole(&template.transitions, &self.community.sizes)?,
            parameters,
            rates,
        })
    }

    fn parameters(
        &self,
        choice: &Choice<'_>,
        initial: &InitialCounts,
        steps: &Steps,
    ) -> Result<Parameters, ModelError> {
        let template = self.template;
        let surroundings = Surroundings {
            community: &self.community,
            choice: *choice,
            initial,
            behaviour: template.suite_behaviour,
        };
        let mut parameters = Parameters::evaluate(&template.parameters, &surroundings)?;
        if let Some(seasonality) = &template.seasonality {
            let mut seasonality = seasonality.clone();
            if let Some(min_value) = choice.parameter(SEASONALITY_MIN) {
                seasonality.min_value = min_value;
            }
            parameters.force(&seasonality, steps)?;
        }
        rates::scale_parameters(&mut parameters, &template.interventions, steps)?;
        Ok(parameters)
    }

    fn register(&mut self, transition: &'a Transition) -> Result<(), ModelError> {
        let name = format!("{}_to_{}", transition.source, transition.target);
        let (rate, mediator) = match &transition.kind {
            TransitionKind::Spontaneous { rate } => (Some(rate), None),
            TransitionKind::Mediated { rate, mediator } => (Some(rate), Some(mediator)),
            TransitionKind::Vaccination => (None, None),
        };
        let entry = TaskTransition {
            source: self.compartment(&transition.source, &name)?,
            target: self.compartment(&transition.target, &name)?,
            rate: rate.map(|rate| self.rate(rate, &name)),
            mediator: mediator.map(|id| self.compartment(id, &name)).transpose()?,
        };
        // A vaccination listed twice replaces itself.
        if entry.rate.is_some() || !self.transitions.contains(&entry) {
            self.transitions.push(entry);
        }
        Ok(())
    }

    fn rate(&mut self, rate: &'a Rate, transition: &str) -> u32 {
        let known = self.rates.iter().position(|(known, _)| *known == rate);
        let at = known.unwrap_or_else(|| {
            self.rates.push((rate, transition.to_owned()));
            self.rates.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn compartment(&self, id: &str, transition: &str) -> Result<u32, ModelError> {
        self.template
            .compartments
            .iter()
            .position(|compartment| compartment.id == id)
            .and_then(|at| u32::try_from(at).ok())
            .ok_or_else(|| ModelError::NoCompartment {
                transition: transition.to_owned(),
                compartment: id.to_owned(),
            })
    }
}

fn community(template: &ModelTemplate) -> Result<Community, ArrayError> {
    let n_cells = template.groups.len() * template.groups.len();
    let sizes = template.group_sizes.to_f64()?;
    let contacts = template.contacts.to_f64()?;
    if sizes.len() != template.groups.len() {
        return Err(template.group_sizes.wrong_length());
    }
    if contacts.len() != LAYERS.len() * n_cells {
        return Err(template.contacts.wrong_length());
    }
    let layer = |at: usize| contacts[at * n_cells..][..n_cells].to_vec();
    Ok(Community {
        name: template.population.clone(),
        groups: template.groups.clone(),
        sizes,
        contacts: std::array::from_fn(layer),
    })
}

fn schedule(doses: &Doses, n_groups: usize) -> Result<Schedule, ArrayError> {
    Ok(match doses {
        Doses::Steps(doses) => Schedule::Steps(doses.to_f64()?),
        Doses::Days { start_date, doses } => {
            let values = doses.to_f64()?;
            Schedule::Days(DailyDoses::new(day_number(*start_date), n_groups, values))
        }
    })
}

impl RateSeries {
    /// The series as an artifact carries it.
    pub(crate) fn to_array(&self, n_groups: usize) -> Array {
        Array::from_f64(&[self.n_rows, n_groups], &self.values)
    }
}
