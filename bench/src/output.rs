//! Stage C on results of the flu model's shape: time, and memory that must not grow with tasks.

use std::time::Instant;

use serde::Deserialize;

use crate::failure::Failure;
use crate::stage::{Pipeline, summary};
use crate::table::{Table, Target, median};

const ROUNDS: usize = 3;
const TASKS: usize = 100;
/// From here on every file's buffer has been full once.
const MANY_TASKS: usize = 200;
const MORE_TASKS: usize = 600;

#[derive(Deserialize)]
struct Summary {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    peak_memory_mb: f64,
}

/// Measures stage C with every table asked for: 23 quantile levels and all trajectories of 10
/// simulations a task.
pub(crate) fn run() -> Result<Table, Failure> {
    let (seconds, memory) = measure(TASKS, ROUNDS)?;
    let (_, many_memory) = measure(MANY_TASKS, 1)?;
    let (more_seconds, more_memory) = measure(MORE_TASKS, 1)?;
    let mut table = Table::new(format!(
        "output: stage C on {TASKS} results (10 simulations x 33 weeks x 23 compartments and 27 transitions x 5 groups)"
    ));
    table.note("every quantile and every trajectory as .csv.gz, the whole process");
    table.row(
        format!("time, {TASKS} tasks"),
        seconds,
        "s",
        Target::AtMost(2.0),
    );
    table.row(
        format!("peak memory, {TASKS} tasks"),
        memory,
        "MiB",
        Target::AtMost(150.0),
    );
    table.row(
        format!("peak memory, {MANY_TASKS} tasks"),
        many_memory,
        "MiB",
        Target::AtMost(150.0),
    );
    table.row(
        format!("time, {MORE_TASKS} tasks"),
        more_seconds,
        "s",
        Target::None,
    );
    table.row(
        format!("peak memory, {MORE_TASKS} tasks"),
        more_memory,
        "MiB",
        Target::AtMost(150.0),
    );
    table.row(
        format!("growth from {MANY_TASKS} to {MORE_TASKS} tasks"),
        more_memory / many_memory,
        "x",
        Target::AtMost(1.1),
    );
    Ok(table)
}

fn measure(n_tasks: usize, rounds: usize) -> Result<(f64, f64), Failure> {
    let pipeline = Pipeline::new("flu_shape.yaml", "flu_shape_output.yaml", n_tasks)?;
    pipeline.workflow_without_output()?;
    let (mut seconds, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let started = Instant::now();
        pipeline.stage("C", &[])?;
        seconds.push(started.elapsed().as_secs_f64());
        let summary: Summary = summary(&pipeline.run_folder(), "output")?;
        memory.push(summary.resources.peak_memory_mb);
    }
    Ok((median(seconds), median(memory)))
}
