//! Running a calibration task.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::abc::{End, Progress, Sampler, State};
use super::build::prior;
use super::error::CalibrationError;
use super::projection::project;
use super::result::CalibrationResult;
use super::simulator::EpidemicSimulator;
use super::task::CalibrationTask;
use crate::error::EngineError;
use crate::priors::Prior;

/// How a calibration is run; none of it changes the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalibrationOptions {
    /// Threads to simulate on.
    pub n_threads: NonZeroUsize,
    /// Whether a simulation ends as soon as its distance is certain to be too great.
    pub gives_up: bool,
}

impl CalibrationOptions {
    /// As fast as so many threads can.
    #[must_use]
    pub const fn with_threads(n_threads: NonZeroUsize) -> Self {
        Self {
            n_threads,
            gives_up: true,
        }
    }
}

/// Searches, and projects from what is found.
///
/// `state` is where an interrupted calibration of the same task stood, if there is one: the result
/// is the same as that of one that was never interrupted, whatever the number of threads.
/// `observe` is called after every proposal, with the state to store for that; what it returns may
/// end the calibration.
///
/// # Errors
/// When the state is of another calibration, the priors propose what makes no model, nothing is
/// found to project from, or the observer ends it.
pub fn run_calibration(
    task: &CalibrationTask,
    options: &CalibrationOptions,
    state: Option<State>,
    observe: &mut dyn FnMut(&State, &Progress) -> ControlFlow<()>,
) -> Result<CalibrationResult, EngineError> {
    Ok(calibrate(task, options, state, observe)?)
}

fn calibrate(
    task: &CalibrationTask,
    options: &CalibrationOptions,
    state: Option<State>,
    observe: &mut dyn FnMut(&State, &Progress) -> ControlFlow<()>,
) -> Result<CalibrationResult, CalibrationError> {
    let mut simulator = EpidemicSimulator::new(task)?;
    simulator.gives_up = options.gives_up;
    let calibrated = task.calibrated();
    let priors: Vec<Prior> = calibrated.iter().map(prior).collect::<Result<_, _>>()?;
    let sampler = Sampler {
        simulator: &simulator,
        priors: &priors,
        strategy: &task.strategy,
        n_threads: options.n_threads,
        keeps_all_data: false,
    };
    let mut state = state.unwrap_or_else(|| State::new(task.seed));
    let end = sampler
        .run(&mut state, observe)
        .map_err(|source| CalibrationError::Search {
            population: task.model.population.clone(),
            source,
        })?;
    if end == End::Interrupted {
        return Err(CalibrationError::Interrupted);
    }
    let projection = task
        .projection
        .map(|asked| {
            project(
                task,
                &simulator,
                &state.generations,
                &asked,
                options.n_threads,
            )
        })
        .transpose()?;
    Ok(CalibrationResult {
        primary_id: task.primary_id,
        population: task.model.population.clone(),
        model_name: task.model.model_name.clone(),
        seed: task.seed,
        delta_t: task.model.delta_t,
        strategy: task.strategy.clone(),
        end,
        priors: calibrated,
        observed: task.observed.clone(),
        generations: state.generations,
        projection,
    })
}
