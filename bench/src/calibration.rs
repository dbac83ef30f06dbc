//! A flu calibration beside the suite's: the same model, observations, particles and thresholds.
//!
//! Needs `flu-calibration` of the shared data; the suite's side needs the python of an environment
//! that has it (`EPYCLOUD_SUITE_PYTHON`), with numba for the figures with it.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use epycloud_config::SuiteBehaviour;
use epycloud_engine::DataSources;
use epycloud_engine::calibration::abc::Strategy;
use epycloud_engine::calibration::{
    CalibrationOptions, CalibrationResult, CalibrationTask, build_calibration, run_calibration,
};
use epycloud_engine::schema::read_experiment;
use epycloud_errors::chain;
use serde::Deserialize;

use crate::failure::Failure;
use crate::program::{SUITE, answer, root, shared_data, suite_python};
use crate::table::{Table, Target};

const EXPERIMENT: &str = "flu-calibration";
const N_PARTICLES: u32 = 20;
/// Thresholds of the generations: of Massachusetts' admissions, the last accepts one in ten.
const THRESHOLDS: [f64; 3] = [2000.0, 600.0, 350.0];

/// What the suite's side took.
#[derive(Deserialize)]
struct Suite {
    seconds: f64,
    simulations: f64,
    numba: bool,
}

/// Calibrates on both sides.
pub(crate) fn run() -> Result<Table, Failure> {
    let mut table = Table::new("calibration: flu in Massachusetts, SMC");
    let Some(shared) = shared_data() else {
        table.note("skipped: the shared data is not there");
        return Ok(table);
    };
    let mut task = task(&shared)?;
    table.note(format!(
        "{N_PARTICLES} particles, thresholds {THRESHOLDS:?}, one thread; per simulation"
    ));
    let whole = measure(&task, 1, false)?;
    let quick = measure(&task, 1, true)?;
    table.row("whole simulations", whole * 1e3, "ms", Target::None);
    table.row("hopeless ones given up", quick * 1e3, "ms", Target::None);
    match suite_python() {
        None => table.note(format!("the suite's side is skipped: {SUITE} is not set")),
        Some(python) => {
            let suite = suite(&python, &shared)?;
            let theirs = suite.seconds / suite.simulations;
            let (with, least_whole, least_quick) = if suite.numba {
                ("with numba", 60.0, 100.0)
            } else {
                ("without numba", 110.0, 110.0)
            };
            table.row(
                format!("the suite, {with}"),
                theirs * 1e3,
                "ms",
                Target::None,
            );
            let times = |ours: f64| theirs / ours;
            table.row(
                format!("whole simulations, suite {with}"),
                times(whole),
                "times",
                Target::AtLeast(least_whole),
            );
            table.row(
                format!("given up, suite {with}"),
                times(quick),
                "times",
                Target::AtLeast(least_quick),
            );
        }
    }
    grow(&mut task, 300);
    let one = measure(&task, 1, true)?;
    let two = measure(&task, 2, true)?;
    table.row(
        "two threads, of one",
        one / two,
        "times",
        Target::AtLeast(1.8),
    );
    Ok(table)
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::Answer {
        program: EXPERIMENT.to_owned(),
        reason: chain(error).join(": "),
    }
}

fn task(shared: &Path) -> Result<CalibrationTask, Failure> {
    let repository = shared.join("forecast");
    let name = EXPERIMENT.parse().map_err(|error| failed(&error))?;
    let files =
        epycloud_config::discover(&repository, &name, None).map_err(|error| failed(&error))?;
    let experiment = read_experiment(&files).map_err(|error| failed(&error))?;
    let sources = DataSources {
        population_data: Some(shared.join("epydemix-data")),
        data_tables: Some(shared.join("suite-tables")),
        suite_behaviour: SuiteBehaviour::V0_1_0,
        ..DataSources::of_repository(repository)
    };
    let built = build_calibration(&experiment, &sources).map_err(|error| failed(&error))?;
    let mut task = built
        .tasks
        .into_iter()
        .next()
        .ok_or_else(|| Failure::Answer {
            program: EXPERIMENT.to_owned(),
            reason: "it has no task".to_owned(),
        })?;
    task.projection = None;
    grow(&mut task, N_PARTICLES);
    Ok(task)
}

/// Sets the number of particles, and the thresholds.
fn grow(task: &mut CalibrationTask, num_particles: u32) {
    if let Strategy::Smc(smc) = &mut task.strategy {
        smc.num_particles = num_particles;
        smc.num_generations = THRESHOLDS.len() as u32;
        smc.epsilon_schedule = Some(THRESHOLDS.to_vec());
    }
}

/// Seconds a simulation.
fn measure(task: &CalibrationTask, n_threads: usize, gives_up: bool) -> Result<f64, Failure> {
    let options = CalibrationOptions {
        n_threads: NonZeroUsize::new(n_threads).unwrap_or(NonZeroUsize::MIN),
        gives_up,
    };
    let clock = Instant::now();
    let result = run_calibration(task, &options, None, &mut |_, _| ControlFlow::Continue(()))
        .map_err(|error| failed(&error))?;
    Ok(clock.elapsed().as_secs_f64() / simulations(&result))
}

#[expect(clippy::cast_precision_loss, reason = "simulations are few")]
fn simulations(result: &CalibrationResult) -> f64 {
    let counts = result
        .generations
        .iter()
        .map(|generation| generation.counts);
    counts.map(|counts| counts.simulations).sum::<u64>() as f64
}

fn suite(python: &Path, shared: &Path) -> Result<Suite, Failure> {
    let mut command = Command::new(python);
    command
        .arg(root().join("tests/python/calibration_speed.py"))
        .arg(shared.join("forecast"))
        .arg(shared.join("epydemix-data"))
        .arg(EXPERIMENT)
        .arg(N_PARTICLES.to_string())
        .args(THRESHOLDS.map(|threshold| threshold.to_string()));
    let printed = answer(&mut command, "")?;
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|error| Failure::Answer {
        program: "calibration_speed.py".to_owned(),
        reason: format!("`{last}`: {error}"),
    })
}
