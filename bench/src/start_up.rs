//! What a stage's process costs beyond the stage's own work.

use std::path::Path;
use std::time::Instant;

use serde::Deserialize;

use crate::failure::Failure;
use crate::stage::{Pipeline, summary};
use crate::table::{Table, Target, median};

const RUNS: usize = 40;

#[derive(Deserialize)]
struct Summary {
    total_duration_seconds: f64,
}

/// Measures stage B on the least model there is: the process's time less what the stage itself
/// reports.
pub(crate) fn run() -> Result<Table, Failure> {
    let pipeline = Pipeline::new("trivial.yaml", "flu_shape_output.yaml", 0)?;
    pipeline.stage("A", &[])?;
    let (mut whole, mut overhead) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let started = Instant::now();
        pipeline.stage("B", &[("TASK_INDEX", "0")])?;
        let seconds = started.elapsed().as_secs_f64();
        let own = own_seconds(&pipeline.run_folder())?;
        whole.push(seconds * 1e3);
        overhead.push((seconds - own) * 1e3);
    }
    let mut table = Table::new("start-up: stage B of a task with one tiny simulation");
    table.note(format!("medians of {RUNS} processes, local mode"));
    table.row("the whole process", median(whole), "ms", Target::None);
    table.row(
        "beyond the stage's own work",
        median(overhead),
        "ms",
        Target::AtMost(20.0),
    );
    Ok(table)
}

fn own_seconds(run: &Path) -> Result<f64, Failure> {
    let summary: Summary = summary(run, "runner_00000")?;
    Ok(summary.total_duration_seconds)
}
