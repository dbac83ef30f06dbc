//! Trajectories simulated from the posterior.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use epycloud_errors::chain;
use epycloud_kernel::random::Pcg64;
use epycloud_kernel::{Plan, Scratch, SimulationError};

use super::abc::{Generation, WeightedChoice, in_order, projection_stream};
use super::error::CalibrationError;
use super::result::{FailedTrajectory, ProjectionResult};
use super::setting::{Setting, Settings};
use super::simulator::{EpidemicSimulator, Failure};
use super::task::CalibrationTask;
use crate::array::Array;
use crate::calendar::day_number;
use crate::schema::modelset::calibration::Projection;
use crate::simulation::{Grid, Records, pair_names};

/// What became of a trajectory.
struct Trajectory {
    particle: u32,
    /// Counts of people `[D, C, G]` and of moves `[D, K, G]`, the last of the projection's rows, or
    /// why there are none.
    counts: Result<(Vec<i64>, Vec<i64>), String>,
}

/// Simulates trajectories with parameters drawn from a generation by weight, each from a stream of
/// its own.
///
/// Trajectories that begin later than the earliest start have zeros before it, as in the suite. One
/// whose rates give no probabilities is left out and counted.
pub(super) fn project(
    task: &CalibrationTask,
    simulator: &EpidemicSimulator<'_>,
    generations: &[Generation],
    asked: &Projection,
    n_threads: NonZeroUsize,
) -> Result<ProjectionResult, CalibrationError> {
    let (number, generation) = choose(task, generations, asked)?;
    let choice =
        WeightedChoice::new(&generation.weights()).ok_or_else(|| CalibrationError::NoParticle {
            population: task.model.population.clone(),
        })?;
    let last_day = day_number(task.end_date);
    let full = simulator.setting(day_number(task.earliest_start()), last_day)?;
    let mut gathered = Gathered::new(&full.grid, simulator.plan());
    if asked.n_trajectories == 0 {
        return Ok(gathered.into_result(task, simulator, number));
    }
    let simulate = |trajectory: u32, memory: &mut Memory| {
        let mut rng = projection_stream(task.seed, trajectory);
        let particle = choice.draw(&mut rng);
        let parameters = &generation.particles[particle].parameters;
        memory
            .simulate(simulator, parameters, last_day, &mut rng)
            .map(|counts| Trajectory {
                particle: u32::try_from(particle).unwrap_or(u32::MAX),
                counts,
            })
    };
    let ended = in_order(
        n_threads,
        0,
        Memory::default,
        simulate,
        |number, outcome| {
            match outcome {
                Ok(trajectory) => gathered.take(number, trajectory),
                Err(reason) => return ControlFlow::Break(Err(reason)),
            }
            if number + 1 == asked.n_trajectories {
                ControlFlow::Break(Ok(()))
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    match ended {
        Some(Err(failure)) => Err(CalibrationError::Projection {
            population: task.model.population.clone(),
            reason: failure,
        }),
        Some(Ok(())) | None => Ok(gathered.into_result(task, simulator, number)),
    }
}

/// The generation that the experiment asks for, or the last one.
fn choose<'g>(
    task: &CalibrationTask,
    generations: &'g [Generation],
    asked: &Projection,
) -> Result<(u32, &'g Generation), CalibrationError> {
    let found = generations.len();
    let number = match asked.generation_number {
        Some(number) => number,
        None => u32::try_from(found.saturating_sub(1)).unwrap_or(u32::MAX),
    };
    match generations.get(number as usize) {
        Some(generation) => Ok((number, generation)),
        None if found == 0 => Err(CalibrationError::NoParticle {
            population: task.model.population.clone(),
        }),
        None => Err(CalibrationError::NoGeneration {
            asked: number,
            found,
        }),
    }
}

/// What a thread keeps from trajectory to trajectory.
#[derive(Default)]
struct Memory {
    scratch: Scratch,
    settings: Settings<Setting>,
}

type Counts = Result<(Vec<i64>, Vec<i64>), String>;

impl Memory {
    /// The counts of a trajectory; an error is one of the model, not of this trajectory.
    fn simulate(
        &mut self,
        simulator: &EpidemicSimulator<'_>,
        parameters: &[f64],
        last_day: i64,
        rng: &mut Pcg64,
    ) -> Result<Counts, String> {
        let first_day = simulator.first_day(parameters);
        let setting = self
            .settings
            .of(first_day, || simulator.setting(first_day, last_day))
            .map_err(|error| chain(&error).join(": "))?;
        let mut records = Records::new(simulator.plan(), &setting.grid, 1);
        match simulator.run(parameters, setting, rng, &mut self.scratch, &mut records) {
            Ok(()) => {
                records.finish_simulation();
                Ok(Ok(records.into_counts()))
            }
            Err(Failure::Simulation(error @ SimulationError::Probabilities { .. })) => {
                Ok(Err(chain(&error).join(": ")))
            }
            Err(error) => Err(chain(&error).join(": ")),
        }
    }
}

/// The trajectories so far.
struct Gathered<'a> {
    grid: &'a Grid,
    /// Counts of a row: compartments times groups.
    n_people: usize,
    /// Counts of a row: transitions times groups.
    n_moves: usize,
    people: Vec<i64>,
    moves: Vec<i64>,
    particles: Vec<u32>,
    failures: Vec<FailedTrajectory>,
}

impl<'a> Gathered<'a> {
    fn new(grid: &'a Grid, plan: &Plan) -> Self {
        Self {
            grid,
            n_people: plan.n_compartments() * plan.n_groups(),
            n_moves: plan.transition_pairs().len() * plan.n_groups(),
            people: Vec::new(),
            moves: Vec::new(),
            particles: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn take(&mut self, number: u32, trajectory: Trajectory) {
        match trajectory.counts {
            Ok((people, moves)) => {
                self.particles.push(trajectory.particle);
                let n_rows = self.grid.n_rows();
                pad(&mut self.people, &people, n_rows * self.n_people);
                pad(&mut self.moves, &moves, n_rows * self.n_moves);
            }
            Err(message) => self.failures.push(FailedTrajectory {
                trajectory: number,
                particle: trajectory.particle,
                message,
            }),
        }
    }

    fn into_result(
        self,
        task: &CalibrationTask,
        simulator: &EpidemicSimulator<'_>,
        generation: u32,
    ) -> ProjectionResult {
        let plan = simulator.plan();
        let pairs = plan.transition_pairs();
        let compartments: Vec<String> = task
            .model
            .compartments
            .iter()
            .map(|c| c.id.clone())
            .collect();
        let (n, n_rows, n_groups) = (self.particles.len(), self.grid.n_rows(), plan.n_groups());
        let shape = |width| [n, n_rows, width, n_groups];
        ProjectionResult {
            generation,
            dates: self.grid.dates(),
            groups: task.model.groups.clone(),
            transitions: pair_names(pairs, &compartments),
            compartment_counts: Array::from_i64(&shape(compartments.len()), &self.people),
            transition_counts: Array::from_i64(&shape(pairs.len()), &self.moves),
            compartments,
            comparisons: task.comparisons.clone(),
            particles: Array::from_u32(&[n], &self.particles),
            failures: self.failures,
        }
    }
}

/// Appends a trajectory's counts after as many zeros as it lacks to be of the full length.
fn pad(all: &mut Vec<i64>, counts: &[i64], length: usize) {
    all.extend(std::iter::repeat_n(0, length.saturating_sub(counts.len())));
    all.extend_from_slice(counts);
}
