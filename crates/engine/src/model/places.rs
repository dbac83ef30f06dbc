//! Templates of an experiment's model, one for each population: everything that is read from files.

use epycloud_config::SuiteBehaviour;

use super::closures;
use super::contacts::{self, Scaling};
use super::error::ModelError;
use super::sources::DataSources;
use super::steps::Steps;
use super::template::{ContactScaling, Doses, ModelTemplate};
use super::vaccination;
use crate::array::Array;
use crate::calendar::to_date;
use crate::error::EngineError;
use crate::population::{AgeGroup, LAYERS, Place, Population, PopulationFolder};
use crate::schema::Experiment;
use crate::schema::basemodel::{BaseModel, Intervention, Transition, TransitionKind};

/// The simulated time of all tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    /// The earliest first day, counted from 1970-01-01.
    pub(crate) first_day: i64,
    /// The last day.
    pub(crate) last_day: i64,
    /// Whether all tasks begin on the first day.
    pub(crate) is_fixed: bool,
}

/// The populations of an experiment.
pub(crate) struct Places<'a> {
    base: &'a BaseModel,
    sources: &'a DataSources,
    folder: PopulationFolder,
    places: Vec<Place>,
}

impl<'a> Places<'a> {
    /// Finds the populations.
    pub(crate) fn open(
        experiment: &'a Experiment,
        sources: &'a DataSources,
    ) -> Result<Self, EngineError> {
        let names = experiment.populations();
        if names.is_empty() {
            return Err(ModelError::NoPopulation.into());
        }
        let folder = PopulationFolder::open(&sources.population_folders())?;
        Ok(Self {
            base: &experiment.base,
            sources,
            places: folder.find_all(&names)?,
            folder,
        })
    }

    /// The model of each population, in task order.
    pub(crate) fn templates(
        self,
        span: &Span,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<ModelTemplate>, EngineError> {
        let steps = Steps::between(span.first_day, span.last_day, self.base.timespan.delta_t)?;
        let days = Steps::between(span.first_day, span.last_day, 1.0)?;
        self.places
            .iter()
            .map(|place| {
                let steps = if span.is_fixed { &steps } else { &days };
                self.template(place, steps, span.is_fixed, warnings)
            })
            .collect()
    }

    fn template(
        &self,
        place: &Place,
        steps: &Steps,
        is_fixed: bool,
        warnings: &mut Vec<String>,
    ) -> Result<ModelTemplate, EngineError> {
        let base = self.base;
        let population = self.population(place, warnings)?;
        let n_groups = population.n_groups();
        let mut scalings =
            closures::scalings(&base.interventions, place, steps, self.sources, warnings)?;
        scalings.extend(contacts::scalings(&base.interventions)?);
        Ok(ModelTemplate {
            population: place.name.clone(),
            model_name: base.name.clone(),
            suite_behaviour: self.sources.suite_behaviour,
            delta_t: base.timespan.delta_t,
            resample_frequency: base.simulation.resample_frequency.clone(),
            groups: population
                .groups
                .iter()
                .map(|group| group.label.clone())
                .collect(),
            group_sizes: Array::from_f64(&[n_groups], &population.sizes),
            contacts: Array::from_f64(
                &[LAYERS.len(), n_groups, n_groups],
                &population.contacts.concat(),
            ),
            contact_scalings: scalings.iter().map(stored).collect(),
            compartments: base.compartments.clone(),
            transitions: vaccinations_last(&base.transitions),
            parameters: base.parameters.clone(),
            seasonality: base.seasonality.clone(),
            interventions: base
                .interventions
                .iter()
                .filter(|intervention| is_on_parameters(intervention))
                .cloned()
                .collect(),
            doses: self.doses(&population, steps, is_fixed, warnings)?,
            eligible: base
                .vaccination
                .as_ref()
                .map(|vaccination| vaccination.eligible_compartments.clone())
                .unwrap_or_default(),
        })
    }

    fn population(
        &self,
        place: &Place,
        warnings: &mut Vec<String>,
    ) -> Result<Population, EngineError> {
        let behaviour = self.sources.suite_behaviour;
        let groups = AgeGroup::parse_all(&self.base.population.age_groups)?;
        let contacts_of = match (&self.base.population.contact_matrix, behaviour) {
            (None, _) => None,
            (Some(other), SuiteBehaviour::Latest) => {
                warnings.push(format!(
                    "`{}` has the contact matrices of `{other}` and its own people; \
                     epymodelingsuite also takes the other's people and name",
                    place.name
                ));
                self.folder.find_all(std::slice::from_ref(other))?.pop()
            }
            (Some(other), SuiteBehaviour::V0_1_0) => {
                warnings.push(format!(
                    "contact matrices of `{other}` are not used: epymodelingsuite 0.1.0 doesn't \
                     know `population.contact_matrix`"
                ));
                None
            }
        };
        Ok(Population::load(
            &self.folder,
            place.clone(),
            contacts_of.as_ref(),
            &groups,
            behaviour,
        )?)
    }

    fn doses(
        &self,
        population: &Population,
        steps: &Steps,
        is_fixed: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Doses>, EngineError> {
        let Some(vaccination) = &self.base.vaccination else {
            return Ok(None);
        };
        let n_groups = population.n_groups();
        if is_fixed {
            let doses = vaccination::doses(vaccination, population, steps, self.sources, warnings)?;
            let doses = Array::from_f64(&[steps.n, n_groups], &doses);
            return Ok(Some(Doses::Steps(doses)));
        }
        let daily =
            vaccination::daily_doses(vaccination, population, steps, self.sources, warnings)?;
        let n_days = daily.values().len() / n_groups;
        Ok(Some(Doses::Days {
            start_date: to_date(daily.first_day()),
            doses: Array::from_f64(&[n_days, n_groups], daily.values()),
        }))
    }
}

fn stored(scaling: &Scaling) -> ContactScaling {
    let (first_day, last_day) = scaling.period.days();
    ContactScaling {
        layer: u32::try_from(scaling.layer).unwrap_or(u32::MAX),
        factor: scaling.factor,
        start_date: to_date(first_day),
        end_date: to_date(last_day),
    }
}

/// The order in which the suite registers transitions.
fn vaccinations_last(transitions: &[Transition]) -> Vec<Transition> {
    let is_vaccination =
        |transition: &&Transition| matches!(transition.kind, TransitionKind::Vaccination);
    let by_rate = transitions.iter().filter(|t| !is_vaccination(t));
    let by_doses = transitions.iter().filter(is_vaccination);
    by_rate.chain(by_doses).cloned().collect()
}

const fn is_on_parameters(intervention: &Intervention) -> bool {
    matches!(
        intervention,
        Intervention::ParameterScaling { .. } | Intervention::ParameterOverride { .. }
    )
}
