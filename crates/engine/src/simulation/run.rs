//! Running a task: all its simulations from one random stream.

use epycloud_kernel::random::Pcg64;
use epycloud_kernel::{Inputs, MatrixOrder, Plan, Scratch, Series, SimulationError};
use jiff::civil::Date;

use super::error::RunError;
use super::kernel_model::{kernel_model, pair_names};
use super::records::Records;
use super::resample::{Frequency, Grid};
use super::result::SimulationResult;
use super::task::SimulationTask;
use crate::array::{Array, ArrayError};
use crate::calendar::format_shortest;
use crate::error::EngineError;
use crate::model::Steps;

/// Runs the simulations of a task, one after the other, from the stream of its seed, and resamples
/// them as they go. After each, `progress` is told how many are done of how many.
///
/// # Errors
/// When the task's parts don't fit together, or a rate gives no probability.
pub fn run_task(
    task: &SimulationTask,
    progress: &mut dyn FnMut(u32, u32),
) -> Result<SimulationResult, EngineError> {
    let steps = steps(task)?;
    let grid = match &task.resample_frequency {
        None => Grid::every_step(steps.instants().collect()),
        Some(name) => {
            let instants: Vec<i64> = steps.instants().collect();
            Grid::resampled(&instants, name.parse::<Frequency>()?)
        }
    };
    let numbers = Numbers::read(task)?;
    let plan = Plan::compile(&kernel_model(
        &task.transitions,
        &task.eligible,
        task.compartments.len(),
        task.groups.len(),
    ))
    .map_err(|source| RunError::Plan {
        task: task.primary_id,
        source,
    })?;
    let mut records = Records::new(&plan, &grid, task.n_sims);
    let rates = numbers.rates.iter().map(Values::series).collect::<Vec<_>>();
    let doses = numbers.doses.iter().map(Values::series).collect::<Vec<_>>();
    let inputs = Inputs {
        dt: task.delta_t,
        linear_approximation: false,
        n_steps: steps.n,
        group_sizes: &numbers.group_sizes,
        initial: &numbers.initial,
        rates: &rates,
        contact_matrices: &numbers.contact_matrices,
        matrix_order: MatrixOrder::RowMajor,
        contact_of_step: &numbers.contact_of_step,
        doses: &doses,
    };
    let mut rng = Pcg64::new(task.seed);
    let mut scratch = Scratch::default();
    for simulation in 0..task.n_sims {
        epycloud_kernel::run(&plan, &inputs, &mut rng, &mut scratch, &mut records)
            .map_err(|source| failure(task, simulation, &steps, source))?;
        records.finish_simulation();
        progress(simulation + 1, task.n_sims);
    }
    Ok(result(records, task, &plan, &grid))
}

fn result(
    records: Records<'_>,
    task: &SimulationTask,
    plan: &Plan,
    grid: &Grid,
) -> SimulationResult {
    let pairs = plan.transition_pairs();
    let n_groups = plan.n_groups();
    let shape = |n| [task.n_sims as usize, grid.n_rows(), n, n_groups];
    let (people, moves) = records.into_counts();
    let compartment_counts = Array::from_i64(&shape(plan.n_compartments()), &people);
    drop(people);
    SimulationResult {
        primary_id: task.primary_id,
        population: task.population.clone(),
        model_name: task.model_name.clone(),
        seed: task.seed,
        delta_t: task.delta_t,
        dates: grid.dates(),
        groups: task.groups.clone(),
        compartments: task.compartments.clone(),
        transitions: pair_names(pairs, &task.compartments),
        compartment_counts,
        transition_counts: Array::from_i64(&shape(pairs.len()), &moves),
        initial: task.initial.clone(),
        parameters: task.parameters.clone(),
    }
}

fn steps(task: &SimulationTask) -> Result<Steps, RunError> {
    let date = |text: &str, part| {
        text.parse::<Date>().map_err(|_| RunError::Part {
            task: task.primary_id,
            part,
            source: None,
        })
    };
    let (start, end) = (
        date(&task.start_date, "its `start_date`")?,
        date(&task.end_date, "its `end_date`")?,
    );
    Steps::new(start, end, task.delta_t).map_err(|source| RunError::Steps {
        task: task.primary_id,
        source: Box::new(source),
    })
}

/// Names the compartment, the group and the date of a kernel's error.
fn failure(
    task: &SimulationTask,
    simulation: u32,
    steps: &Steps,
    source: SimulationError,
) -> RunError {
    let name = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
    match source {
        SimulationError::Probabilities {
            step,
            source_compartment,
            group,
            ..
        } => RunError::Probabilities {
            task: task.primary_id,
            simulation,
            compartment: name(&task.compartments, source_compartment),
            group: name(&task.groups, group),
            step,
            date: format_shortest(steps.instant(step)),
            source: Box::new(source),
        },
        source => RunError::Inputs {
            task: task.primary_id,
            source,
        },
    }
}

/// The task's arrays as the kernel takes them.
struct Numbers {
    group_sizes: Vec<f64>,
    initial: Vec<i64>,
    rates: Vec<Values>,
    contact_matrices: Vec<f64>,
    contact_of_step: Vec<u32>,
    doses: Option<Values>,
}

/// A series of rows.
struct Values {
    n_rows: usize,
    values: Vec<f64>,
}

impl Values {
    fn series(&self) -> Series<'_> {
        Series {
            steps: self.n_rows,
            values: &self.values,
        }
    }
}

impl Numbers {
    fn read(task: &SimulationTask) -> Result<Self, RunError> {
        let part = |part| {
            move |source: ArrayError| RunError::Part {
                task: task.primary_id,
                part,
                source: Some(source),
            }
        };
        let values = |array: &Array, name| {
            let values = array.to_f64().map_err(part(name))?;
            let n_rows = array.shape().first().and_then(|&n| usize::try_from(n).ok());
            Ok(Values {
                n_rows: n_rows.unwrap_or(0),
                values,
            })
        };
        Ok(Self {
            group_sizes: task.group_sizes.to_f64().map_err(part("`group_sizes`"))?,
            initial: task.initial.to_i64().map_err(part("`initial`"))?,
            rates: task
                .rates
                .iter()
                .map(|array| values(array, "`rates`"))
                .collect::<Result<_, _>>()?,
            contact_matrices: task
                .contact_matrices
                .to_f64()
                .map_err(part("`contact_matrices`"))?,
            contact_of_step: task
                .contact_of_step
                .to_u32()
                .map_err(part("`contact_of_step`"))?,
            doses: task
                .doses
                .as_ref()
                .map(|array| values(array, "`doses`"))
                .transpose()?,
        })
    }
}
