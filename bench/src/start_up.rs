//! What a stage's process costs beyond the stage's own work, and over a bucket.

use std::path::Path;
use std::time::Instant;

use epycloud_test_support::gcs::GcsServer;
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
/// reports, and the same over a bucket, by turns.
pub(crate) fn run() -> Result<Table, Failure> {
    let pipeline = Pipeline::new("trivial.yaml", "flu_shape_output.yaml", 0)?;
    let bucket =
        GcsServer::start("lab", None).map_err(|error| Failure::Storage(error.to_string()))?;
    bucket.stop_recording();
    let url = bucket.url();
    let cloud = [
        ("EXECUTION_MODE", "cloud"),
        ("GCS_BUCKET", "lab"),
        ("GOOGLE_BASE_URL", &url),
        ("GOOGLE_SKIP_SIGNATURE", "true"),
    ];
    pipeline.stage("A", &[])?;
    pipeline.stage("A", &cloud)?;
    let (mut whole, mut overhead, mut over_bucket) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let seconds = task(&pipeline, &[])?;
        let own = own_seconds(&pipeline.run_folder())?;
        whole.push(seconds * 1e3);
        overhead.push((seconds - own) * 1e3);
        over_bucket.push(task(&pipeline, &cloud)? * 1e3);
    }
    let (whole, over_bucket) = (median(whole), median(over_bucket));
    let mut table = Table::new("start-up: stage B of a task with one tiny simulation");
    table.note(format!(
        "medians of {RUNS} processes; the bucket is a server on this machine"
    ));
    table.row("the whole process", whole, "ms", Target::None);
    table.row(
        "beyond the stage's own work",
        median(overhead),
        "ms",
        Target::AtMost(20.0),
    );
    table.row(
        "the whole process in cloud mode",
        over_bucket,
        "ms",
        Target::None,
    );
    table.row(
        "more than in local mode",
        over_bucket - whole,
        "ms",
        Target::AtMost(30.0),
    );
    Ok(table)
}

/// Seconds of the task's process.
fn task(pipeline: &Pipeline, environment: &[(&str, &str)]) -> Result<f64, Failure> {
    let environment = [environment, &[("TASK_INDEX", "0")]].concat();
    let started = Instant::now();
    pipeline.stage("B", &environment)?;
    Ok(started.elapsed().as_secs_f64())
}

fn own_seconds(run: &Path) -> Result<f64, Failure> {
    let summary: Summary = summary(run, "runner_00000")?;
    Ok(summary.total_duration_seconds)
}
