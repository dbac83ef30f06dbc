//! Calibration tasks.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Instant;

use epycloud_engine::calibration::abc::{Progress, State, Strategy};
use epycloud_engine::calibration::{
    CalibrationOptions, CalibrationResult, CalibrationTask, run_calibration,
};
use epycloud_errors::chain;
use tracing::{info, warn};

use super::{EngineFailure, TaskResult, TaskWatch};
use crate::artifact::{Artifact, Payload};
use crate::telemetry::{CalibrationBlock, ModelSummary, ProjectionBlock};

/// Calibrates and projects, from the last checkpoint on if there is one, and leaves a checkpoint
/// after each generation.
pub(super) fn run(
    input: &Artifact,
    n_threads: NonZeroUsize,
    watch: &mut dyn TaskWatch,
) -> Result<TaskResult, EngineFailure> {
    let task: CalibrationTask = input.payload.to_plain().map_err(EngineFailure::new)?;
    let state = watch.earlier().and_then(|payload| read_state(&payload));
    let clock = Instant::now();
    let mut searched_for = 0.0;
    let options = CalibrationOptions::with_threads(n_threads);
    let result = run_calibration(&task, &options, state, &mut |state, progress| {
        searched_for = clock.elapsed().as_secs_f64();
        tell(watch, progress);
        if progress.is_finished {
            report(state, progress);
            if progress.generation + 1 < progress.num_generations {
                keep(watch, state);
            }
        }
        ControlFlow::Continue(())
    })
    .map_err(EngineFailure::new)?;
    let projected_for = clock.elapsed().as_secs_f64() - searched_for;
    Ok(TaskResult {
        payload: Payload::plain(&result).map_err(EngineFailure::new)?,
        summary: summary(&task, &result, searched_for, projected_for),
    })
}

fn read_state(payload: &Payload) -> Option<State> {
    match payload.to_plain() {
        Ok(state) => Some(state),
        Err(error) => {
            warn!("the checkpoint is not used: {}", chain(&error).join(": "));
            None
        }
    }
}

/// Particles found in all generations, of all that are wanted.
fn tell(watch: &mut dyn TaskWatch, progress: &Progress) {
    let before = progress.generation.saturating_mul(progress.wanted);
    let done = before.saturating_add(progress.found);
    watch.progress(
        done,
        progress.num_generations.saturating_mul(progress.wanted),
    );
}

fn report(state: &State, progress: &Progress) {
    info!(
        "generation {} of {}: {} particles nearer than {:.6} after {} simulations",
        progress.generation + 1,
        progress.num_generations,
        state
            .generations
            .last()
            .map_or(0, |last| last.particles.len()),
        progress.epsilon,
        progress.n_simulations,
    );
}

fn keep(watch: &mut dyn TaskWatch, state: &State) {
    match Payload::plain(state) {
        Ok(payload) => watch.checkpoint(payload),
        Err(error) => warn!("no checkpoint is kept: {}", chain(&error).join(": ")),
    }
}

fn summary(
    task: &CalibrationTask,
    result: &CalibrationResult,
    searched_for: f64,
    projected_for: f64,
) -> ModelSummary {
    let (num_particles, num_generations) = match &task.strategy {
        Strategy::Smc(smc) => (Some(smc.num_particles), Some(smc.num_generations)),
        Strategy::Rejection(rejection) => (Some(rejection.num_particles), None),
        Strategy::TopFraction(_) => (None, None),
    };
    let accepted = result
        .generations
        .last()
        .map(|last| last.particles.len() as u64);
    let projection = result.projection.as_ref().map(|projection| {
        let failed = projection.failures.len() as u64;
        let successful = projection.particles.shape().first().copied().unwrap_or(0);
        ProjectionBlock {
            duration_seconds: projected_for,
            requested_trajectories: successful + failed,
            successful_trajectories: successful,
            failed_trajectories: failed,
        }
    });
    ModelSummary {
        primary_id: task.primary_id,
        population: task.model.population.clone(),
        calibration: Some(CalibrationBlock {
            duration_seconds: searched_for,
            n_sims: None,
            particles_accepted: accepted,
            strategy: Some(task.strategy.name().to_owned()),
            num_particles: num_particles.map(u64::from),
            num_generations: num_generations.map(u64::from),
            distance_function: Some(task.distance.name().to_owned()),
        }),
        projection,
        ..ModelSummary::default()
    }
}
