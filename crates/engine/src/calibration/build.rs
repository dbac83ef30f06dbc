//! Building the tasks of a calibration experiment: one for each population.

use super::distance::Distance;
use super::error::CalibrationError;
use super::observed;
use super::result::CalibratedParameter;
use super::simulator::EpidemicSimulator;
use super::task::{CalibrationTask, Start};
use crate::calendar::day_number;
use crate::error::EngineError;
use crate::model::{
    DataSources, ModelError, Places, Span, check_frequency, distinct, seed_of, start_not_chosen,
};
use crate::priors::Prior;
use crate::schema::Experiment;
use crate::schema::basemodel::{BaseModel, StartDate};
use crate::schema::modelset::calibration::Calibration;
use crate::schema::modelset::{Distribution, Study};

/// The tasks of a calibration experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationBuild {
    /// One for each population, in order.
    pub tasks: Vec<CalibrationTask>,
    /// What the experiment's author should know about them, each once.
    pub warnings: Vec<String>,
}

/// Builds the tasks of a calibration experiment. All files are read here.
///
/// Without a `random_seed`, one is drawn from the operating system; it is recorded in the tasks and
/// named in a warning.
///
/// # Errors
/// When the experiment is no calibration, data is missing or wrong (the error names the file and
/// the place in it), or the simulated data have no value for an observation.
pub fn build_calibration(
    experiment: &Experiment,
    sources: &DataSources,
) -> Result<CalibrationBuild, EngineError> {
    let base = &experiment.base;
    let calibration = match experiment.modelset.as_ref().map(|modelset| &modelset.study) {
        Some(Study::Calibration(calibration)) => calibration.as_ref(),
        _ => return Err(CalibrationError::NotACalibration.into()),
    };
    check_frequency(base)?;
    let mut warnings = Vec::new();
    let seed = seed_of(base, &mut warnings)?;
    let start = start(base, calibration)?;
    let span = Span {
        first_day: day_number(match start {
            Start::Fixed(date) => date,
            Start::Calibrated { reference_date, .. } => reference_date,
        }),
        last_day: day_number(base.timespan.end_date),
        is_fixed: matches!(start, Start::Fixed(_)),
    };
    let templates = Places::open(experiment, sources)?.templates(&span, &mut warnings)?;
    let comparison = calibration
        .comparison
        .first()
        .ok_or(CalibrationError::NotACalibration)?;
    let path = sources.repository.join(&calibration.observed_data_path);
    let mut tasks = Vec::with_capacity(templates.len());
    for (model, primary_id) in templates.into_iter().zip(0..) {
        let observed = observed::read(
            &path,
            comparison,
            &calibration.fitting_window,
            &model.population,
            sources.suite_behaviour,
            &mut warnings,
        )
        .map_err(CalibrationError::from)?;
        let task = CalibrationTask {
            primary_id,
            seed,
            model,
            start: start.clone(),
            fit_until: calibration.fitting_window.end_date,
            end_date: base.timespan.end_date,
            strategy: calibration.strategy.clone(),
            distance: calibration.distance,
            parameters: listed(&calibration.parameters),
            compartments: listed(&calibration.compartments),
            observed,
            comparisons: calibration
                .comparison
                .iter()
                .map(|other| {
                    (
                        other.observed_value_column.clone(),
                        other.simulation.clone(),
                    )
                })
                .collect(),
            projection: calibration.projection,
        };
        check(&task)?;
        tasks.push(task);
    }
    Ok(CalibrationBuild {
        tasks,
        warnings: distinct(warnings),
    })
}

fn start(base: &BaseModel, calibration: &Calibration) -> Result<Start, ModelError> {
    match (&calibration.start_date, base.timespan.start_date) {
        (Some(start), _) => Ok(Start::Calibrated {
            reference_date: start.reference_date,
            prior: start.prior.clone(),
        }),
        (None, StartDate::Date(date)) => Ok(Start::Fixed(date)),
        (None, StartDate::Sampled | StartDate::Calibrated) => Err(start_not_chosen("calibrated")),
    }
}

fn listed(priors: &[(String, Distribution)]) -> Vec<CalibratedParameter> {
    priors
        .iter()
        .map(|(name, prior)| CalibratedParameter {
            name: name.clone(),
            prior: prior.clone(),
        })
        .collect()
}

/// Whatever stage B would only find out later.
fn check(task: &CalibrationTask) -> Result<(), CalibrationError> {
    for calibrated in task.calibrated() {
        prior(&calibrated)?;
    }
    let simulator = EpidemicSimulator::new(task)?;
    simulator.check_rows()?;
    simulator.check_alignment()
}

/// The prior of something calibrated.
pub(super) fn prior(calibrated: &CalibratedParameter) -> Result<Prior, CalibrationError> {
    Prior::new(&calibrated.prior).map_err(|source| CalibrationError::Prior {
        parameter: calibrated.name.clone(),
        source,
    })
}

/// The distance from a task's observations.
pub(super) fn distance(task: &CalibrationTask) -> Result<Distance, CalibrationError> {
    let observed = task.observed.values.to_f64()?;
    Distance::new(task.distance, observed).map_err(|source| CalibrationError::Distance {
        population: task.model.population.clone(),
        source,
    })
}
