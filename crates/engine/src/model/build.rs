//! Building the tasks of an experiment.

use std::sync::Arc;

use crate::array::Array;
use crate::calendar::{day_number, format_day};
use crate::error::EngineError;
use crate::sampling::{self, ParameterSet};
use crate::schema::Experiment;
use crate::schema::basemodel::{BaseModel, StartDate};
use crate::schema::modelset::Study;
use crate::simulation::{Frequency, SimulationTask};

use super::assembler::{Assembler, Timeline};
use super::choice::Choice;
use super::error::ModelError;
use super::places::{Places, Span};
use super::seed;
use super::sources::DataSources;
use super::template::ModelTemplate;

/// The tasks of a simulation or sampling experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Build {
    /// What the experiment's author should know about them, each once.
    pub warnings: Vec<String>,
    /// The population of each task, by the name it has in results.
    pub populations: Vec<String>,
    shared: Arc<Shared>,
}

/// What the tasks are made from.
#[derive(Debug, PartialEq)]
struct Shared {
    seed: u64,
    n_sims: u32,
    first_day: i64,
    last_day: i64,
    /// One for each population.
    templates: Vec<ModelTemplate>,
    /// The parameter sets of each population, at least one.
    sets: Vec<ParameterSet>,
}

/// Builds the tasks of a simulation or sampling experiment: for each population, in order, all its
/// parameter sets, as the suite numbers them. All files are read here; a task's numbers are put
/// together when it is asked for.
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
/// let build = build_tasks(&experiment, &DataSources::of_repository(repository))?;
/// assert_eq!(build.populations, ["Harbour_Island", "Meadow_County"]);
///
/// let mut task = build.task(0)?;
/// task.n_sims = 2;
/// let result = run_task(&task, &mut |_done, _of| {})?;
/// assert_eq!(result.dates.last().map(String::as_str), Some("2026-05-30"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When data is missing or wrong (the error names the file and the place in it), or the experiment
/// is a calibration.
pub fn build_tasks(experiment: &Experiment, sources: &DataSources) -> Result<Build, EngineError> {
    let base = &experiment.base;
    let mut warnings = Vec::new();
    let seed = seed::of(base, &mut warnings)?;
    let sets = match experiment.modelset.as_ref().map(|modelset| &modelset.study) {
        None | Some(Study::Populations) => vec![ParameterSet::default()],
        Some(Study::Sampling(sampling)) => sampling::generate(sampling, seed)?,
        Some(Study::Calibration(_)) => {
            return Err(ModelError::Unsupported {
                feature: "calibrations as simulations".to_owned(),
            }
            .into());
        }
    };
    check_frequency(base)?;
    let span = span(base, &sets)?;
    let templates = Places::open(experiment, sources)?.templates(&span, &mut warnings)?;
    let populations = templates
        .iter()
        .flat_map(|template| std::iter::repeat_n(template.population.clone(), sets.len()))
        .collect();
    Ok(Build {
        warnings: distinct(warnings),
        populations,
        shared: Arc::new(Shared {
            seed,
            n_sims: base.simulation.n_sims,
            first_day: span.first_day,
            last_day: span.last_day,
            templates,
            sets,
        }),
    })
}

/// Refuses a frequency before anything is run.
pub(crate) fn check_frequency(base: &BaseModel) -> Result<(), EngineError> {
    if let Some(frequency) = &base.simulation.resample_frequency {
        frequency.parse::<Frequency>()?;
    }
    Ok(())
}

/// Each warning once, in the order of their first appearance.
pub(crate) fn distinct(warnings: Vec<String>) -> Vec<String> {
    let mut distinct = Vec::new();
    for warning in warnings {
        if !distinct.contains(&warning) {
            distinct.push(warning);
        }
    }
    distinct
}

/// The earliest start and the end.
fn span(base: &BaseModel, sets: &[ParameterSet]) -> Result<Span, ModelError> {
    let last_day = day_number(base.timespan.end_date);
    let sampled = sets.iter().filter_map(|set| set.start_date).min();
    let (first_day, is_fixed) = match (sampled, base.timespan.start_date) {
        (Some(earliest), _) => (day_number(earliest), false),
        (None, StartDate::Date(start)) => (day_number(start), true),
        (None, StartDate::Sampled) => return Err(start_not_chosen("sampled")),
        (None, StartDate::Calibrated) => return Err(start_not_chosen("calibrated")),
    };
    Ok(Span {
        first_day,
        last_day,
        is_fixed,
    })
}

/// Nothing says when simulations begin.
pub(crate) fn start_not_chosen(kind: &'static str) -> ModelError {
    ModelError::NotChosen {
        kind,
        name: "start_date".to_owned(),
    }
}

impl Build {
    /// Number of tasks.
    #[must_use]
    pub fn n(&self) -> usize {
        self.populations.len()
    }

    /// One task.
    ///
    /// # Errors
    /// When its values make no model: too many people in compartments, an expression without a
    /// finite value. Also when there is no such task.
    pub fn task(&self, index: usize) -> Result<SimulationTask, EngineError> {
        self.shared.task(index)
    }

    /// All tasks, in the order of their numbers, each made as it is asked for.
    ///
    /// # Errors
    /// As [`Build::task`].
    pub fn tasks(
        &self,
    ) -> impl ExactSizeIterator<Item = Result<SimulationTask, EngineError>> + Send + use<> {
        let shared = Arc::clone(&self.shared);
        (0..self.n()).map(move |index| shared.task(index))
    }
}

impl Shared {
    fn task(&self, index: usize) -> Result<SimulationTask, EngineError> {
        let n_sets = self.sets.len().max(1);
        let no_task = || ModelError::NoTask { index };
        let template = self.templates.get(index / n_sets).ok_or_else(no_task)?;
        let set = self.sets.get(index % n_sets).ok_or_else(no_task)?;
        let assembler = Assembler::new(template)?;
        let first_day = set.start_date.map_or(self.first_day, day_number);
        let timeline = assembler.timeline(first_day, self.last_day)?;
        let primary_id = u32::try_from(index).unwrap_or(u32::MAX);
        Ok(self.assemble(primary_id, &assembler, &timeline, &Choice::from(set))?)
    }

    fn assemble(
        &self,
        primary_id: u32,
        assembler: &Assembler<'_>,
        timeline: &Timeline,
        choice: &Choice<'_>,
    ) -> Result<SimulationTask, ModelError> {
        let (template, steps) = (assembler.template(), &timeline.steps);
        let assembled = assembler.assemble(choice, steps)?;
        let n_groups = template.groups.len();
        let contacts = &timeline.contacts;
        let n_matrices = contacts.matrices.len() / (n_groups * n_groups);
        Ok(SimulationTask {
            primary_id,
            population: template.population.clone(),
            model_name: template.model_name.clone(),
            seed: self.seed,
            delta_t: template.delta_t,
            start_date: format_day(steps.first_day),
            end_date: format_day(steps.last_day),
            n_sims: self.n_sims,
            resample_frequency: template.resample_frequency.clone(),
            groups: template.groups.clone(),
            group_sizes: template.group_sizes.clone(),
            compartments: template.compartments.iter().map(|c| c.id.clone()).collect(),
            initial: Array::from_i64(&[template.compartments.len(), n_groups], &assembled.initial),
            transitions: assembler.transitions().to_vec(),
            rates: assembled
                .rates
                .iter()
                .map(|rate| rate.to_array(n_groups))
                .collect(),
            contact_matrices: Array::from_f64(
                &[n_matrices, n_groups, n_groups],
                &contacts.matrices,
            ),
            contact_of_step: Array::from_u32(&[steps.n], &contacts.of_step),
            doses: timeline
                .doses
                .as_ref()
                .map(|doses| Array::from_f64(&[steps.n, n_groups], doses)),
            eligible: assembler.eligible().to_vec(),
            parameters: assembled.parameters.to_task(),
        })
    }
}
