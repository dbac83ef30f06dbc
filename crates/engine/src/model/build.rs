//! Building the tasks of an experiment.

use epycloud_config::SuiteBehaviour;

use crate::array::Array;
use crate::error::EngineError;
use crate::population::{AgeGroup, Place, Population, PopulationFolder};
use crate::schema::Experiment;
use crate::schema::basemodel::{BaseModel, Rate, StartDate, Transition, TransitionKind};
use crate::simulation::{Frequency, SimulationTask, TaskTransition};

use super::closures;
use super::contacts;
use super::error::ModelError;
use super::initial::InitialCounts;
use super::parameters::{Parameters, Surroundings};
use super::rates::{self, Definitions};
use super::seed;
use super::sources::DataSources;
use super::steps::Steps;
use super::vaccination;

/// The tasks of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Build {
    /// One task for each population, in the order of their numbers.
    pub tasks: Vec<SimulationTask>,
    /// What the experiment's author should know about them, each once.
    pub warnings: Vec<String>,
    /// The population of each task, by the name it has in results.
    pub populations: Vec<String>,
}

/// Builds the tasks of a simulation experiment.
///
/// Without a `random_seed`, one is drawn from the operating system; it is recorded in the tasks and
/// named in a warning.
///
/// ```
/// use epycloud_engine::schema::read_experiment;
/// use epycloud_engine::{DataSources, build_tasks, run_task};
///
/// let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/quickstart");
/// let files = epycloud_config::discover(repository.as_ref(), &"quickstart".parse()?, None)?;
/// let experiment = read_experiment(&files)?;
///
/// let mut build = build_tasks(&experiment, &DataSources::of_repository(repository))?;
/// assert_eq!(build.populations, ["Harbour_Island", "Meadow_County"]);
///
/// build.tasks[0].n_sims = 2;
/// let result = run_task(&build.tasks[0], &mut |_done, _of| {})?;
/// assert_eq!(result.dates.last().map(String::as_str), Some("2026-05-30"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When data is missing or wrong (the error names the file and the place in it), or the experiment
/// asks for something that the native engine doesn't do.
pub fn build_tasks(experiment: &Experiment, sources: &DataSources) -> Result<Build, EngineError> {
    let base = &experiment.base;
    let names = experiment.populations();
    if names.is_empty() {
        return Err(ModelError::NoPopulation.into());
    }
    let mut warnings = Vec::new();
    let seed = match base.random_seed {
        Some(seed) => seed,
        None => {
            let seed = seed::draw()?;
            warnings.push(format!(
                "the experiment gives no `random_seed`; {seed} was drawn"
            ));
            seed
        }
    };
    let folder = PopulationFolder::open(&sources.population_folders())?;
    let places = folder.find_all(&names)?;
    let builder = Builder {
        base,
        sources,
        folder,
        steps: steps(base)?,
        seed,
    };
    let tasks = places
        .into_iter()
        .zip(0..)
        .map(|(place, primary_id)| builder.task(place, primary_id, &mut warnings))
        .collect::<Result<Vec<_>, _>>()?;
    let mut distinct = Vec::new();
    for warning in warnings {
        if !distinct.contains(&warning) {
            distinct.push(warning);
        }
    }
    let populations = tasks.iter().map(|task| task.population.clone()).collect();
    Ok(Build {
        tasks,
        warnings: distinct,
        populations,
    })
}

fn steps(base: &BaseModel) -> Result<Steps, ModelError> {
    let unsupported = |kind: &str| ModelError::Unsupported {
        feature: format!("a {kind} `start_date`"),
    };
    match base.timespan.start_date {
        StartDate::Date(start) => Steps::new(start, base.timespan.end_date, base.timespan.delta_t),
        StartDate::Sampled => Err(unsupported("sampled")),
        StartDate::Calibrated => Err(unsupported("calibrated")),
    }
}

/// What all tasks share.
struct Builder<'a> {
    base: &'a BaseModel,
    sources: &'a DataSources,
    folder: PopulationFolder,
    steps: Steps,
    seed: u64,
}

impl Builder<'_> {
    fn task(
        &self,
        place: Place,
        primary_id: u32,
        warnings: &mut Vec<String>,
    ) -> Result<SimulationTask, EngineError> {
        let base = self.base;
        if let Some(frequency) = &base.simulation.resample_frequency {
            frequency.parse::<Frequency>()?;
        }
        let population = self.population(place, warnings)?;
        let n_groups = population.n_groups();
        let initial = InitialCounts::place(&base.compartments, &population)?;
        let parameters = self.parameters(&population, &initial)?;
        let definitions =
            Definitions::new(&parameters, &base.interventions, &self.steps, n_groups)?;
        let (transitions, rates) = self.transitions(&definitions)?;
        let contacts = self.contacts(&population, warnings)?;
        let (doses, eligible) = self.vaccination(&population, warnings)?;
        Ok(SimulationTask {
            primary_id,
            population: population.place.name.clone(),
            model_name: base.name.clone(),
            seed: self.seed,
            delta_t: base.timespan.delta_t,
            start_date: crate::calendar::format_day(self.steps.first_day),
            end_date: crate::calendar::format_day(self.steps.last_day),
            n_sims: base.simulation.n_sims,
            resample_frequency: base.simulation.resample_frequency.clone(),
            groups: population
                .groups
                .iter()
                .map(|group| group.label.clone())
                .collect(),
            group_sizes: Array::from_f64(&[n_groups], &population.sizes),
            compartments: base.compartments.iter().map(|c| c.id.clone()).collect(),
            initial: Array::from_i64(
                &[base.compartments.len(), n_groups],
                &initial.whole(&base.transitions, &population.sizes)?,
            ),
            transitions,
            rates,
            contact_matrices: Array::from_f64(
                &[
                    contacts.matrices.len() / (n_groups * n_groups),
                    n_groups,
                    n_groups,
                ],
                &contacts.matrices,
            ),
            contact_of_step: Array::from_u32(&[self.steps.n], &contacts.of_step),
            doses,
            eligible,
            parameters: parameters.to_task(),
        })
    }

    fn population(
        &self,
        place: Place,
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
            place,
            contacts_of.as_ref(),
            &groups,
            behaviour,
        )?)
    }

    fn parameters(
        &self,
        population: &Population,
        initial: &InitialCounts,
    ) -> Result<Parameters, ModelError> {
        let surroundings = Surroundings {
            population,
            initial,
            behaviour: self.sources.suite_behaviour,
        };
        let mut parameters = Parameters::evaluate(&self.base.parameters, &surroundings)?;
        if let Some(seasonality) = &self.base.seasonality {
            parameters.force(seasonality, &self.steps)?;
        }
        rates::scale_parameters(&mut parameters, &self.base.interventions, &self.steps)?;
        Ok(parameters)
    }

    fn contacts(
        &self,
        population: &Population,
        warnings: &mut Vec<String>,
    ) -> Result<contacts::ContactSchedule, EngineError> {
        let interventions = &self.base.interventions;
        let mut scalings = closures::scalings(
            interventions,
            &population.place,
            &self.steps,
            self.sources,
            warnings,
        )?;
        scalings.extend(contacts::scalings(interventions)?);
        Ok(contacts::schedule(population, &scalings, &self.steps))
    }

    fn vaccination(
        &self,
        population: &Population,
        warnings: &mut Vec<String>,
    ) -> Result<(Option<Array>, Vec<u32>), EngineError> {
        let Some(vaccination) = &self.base.vaccination else {
            return Ok((None, Vec::new()));
        };
        let doses =
            vaccination::doses(vaccination, population, &self.steps, self.sources, warnings)?;
        let eligible = vaccination
            .eligible_compartments
            .iter()
            .map(|id| self.compartment(id, "vaccination"))
            .collect::<Result<_, _>>()?;
        Ok((
            Some(Array::from_f64(
                &[self.steps.n, population.n_groups()],
                &doses,
            )),
            eligible,
        ))
    }

    /// Transitions in the order in which the suite registers them, vaccination last, and the
    /// different rates they refer to.
    fn transitions(
        &self,
        definitions: &Definitions<'_>,
    ) -> Result<(Vec<TaskTransition>, Vec<Array>), ModelError> {
        let is_vaccination =
            |transition: &&Transition| matches!(transition.kind, TransitionKind::Vaccination);
        let by_rate = self.base.transitions.iter().filter(|t| !is_vaccination(t));
        let by_doses = self.base.transitions.iter().filter(is_vaccination);
        let mut built: Vec<TaskTransition> = Vec::new();
        let mut rates: Vec<(&Rate, Array)> = Vec::new();
        for transition in by_rate.chain(by_doses) {
            let name = format!("{}_to_{}", transition.source, transition.target);
            let (rate, mediator) = match &transition.kind {
                TransitionKind::Spontaneous { rate } => (Some(rate), None),
                TransitionKind::Mediated { rate, mediator } => (Some(rate), Some(mediator)),
                TransitionKind::Vaccination => (None, None),
            };
            let rate = match rate {
                Some(rate) => Some(self.rate(rate, &name, definitions, &mut rates)?),
                None => None,
            };
            let entry = TaskTransition {
                source: self.compartment(&transition.source, &name)?,
                target: self.compartment(&transition.target, &name)?,
                rate,
                mediator: mediator.map(|id| self.compartment(id, &name)).transpose()?,
            };
            // A vaccination listed twice replaces itself.
            if entry.rate.is_some() || !built.contains(&entry) {
                built.push(entry);
            }
        }
        Ok((built, rates.into_iter().map(|(_, array)| array).collect()))
    }

    fn rate<'a>(
        &self,
        rate: &'a Rate,
        transition: &str,
        definitions: &Definitions<'_>,
        rates: &mut Vec<(&'a Rate, Array)>,
    ) -> Result<u32, ModelError> {
        let at = match rates.iter().position(|(known, _)| *known == rate) {
            Some(at) => at,
            None => {
                rates.push((rate, definitions.rate(rate, transition)?));
                rates.len() - 1
            }
        };
        Ok(u32::try_from(at).unwrap_or(u32::MAX))
    }

    fn compartment(&self, id: &str, transition: &str) -> Result<u32, ModelError> {
        self.base
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
