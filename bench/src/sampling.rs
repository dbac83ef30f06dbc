//! Flu sampling tasks through all three stages, beside the suite, and what a task costs besides its
//! simulations.
//!
//! Needs the shared data; the suite's side needs the python of an environment that has it
//! (`EPYCLOUD_SUITE_PYTHON`), with numba for the figure that the project promises.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::program::{SUITE, answer, ours, root, shared_data, suite_python};
use crate::repository::save;
use crate::table::{Table, Target};

const EXPERIMENT: &str = "flu-sampling";
/// Tasks of two states and a hundred parameter sets, ten simulations each.
const N_TASKS: u32 = 200;
/// Tasks that the suite runs; the others take as long.
const SUITE_TASKS: u32 = 10;
/// Tasks whose cost besides their simulations is measured, one simulation each.
const MANY_SETS: u32 = 500;

/// What the suite's side took.
#[derive(Deserialize)]
struct Suite {
    build_seconds: f64,
    run_seconds: f64,
    output_seconds: f64,
    numba: bool,
}

/// Runs both sides.
pub(crate) fn run() -> Result<Table, Failure> {
    let mut table = Table::new("sampling: flu in two states, 100 parameter sets, 10 simulations");
    let Some(shared) = shared_data() else {
        table.note("skipped: the shared data is not there");
        return Ok(table);
    };
    let project = project(&shared, 100, 10)?;
    let one = workflow(&shared, project.path(), "1")?;
    let two = workflow(&shared, project.path(), "2")?;
    table.row("A, B and C, one worker", one, "s", Target::None);
    table.row("A, B and C, two workers", two, "s", Target::None);
    match suite_python() {
        None => table.note(format!("the suite's side is skipped: {SUITE} is not set")),
        Some(python) => {
            let suite = suite(&python, &shared, project.path())?;
            let with = if suite.numba { "with" } else { "without" };
            let each = suite.run_seconds / f64::from(SUITE_TASKS);
            let all = suite.build_seconds + each * f64::from(N_TASKS) + suite.output_seconds;
            table.note(format!(
                "the suite {with} numba, in one process: it builds and writes all, and runs \
                 {SUITE_TASKS} tasks, as long as which the others take"
            ));
            table.row("the suite", all, "s", Target::None);
            table.row("of one worker", all / one, "times", Target::AtLeast(60.0));
            table.row("of two workers", all / two, "times", Target::AtLeast(60.0));
        }
    }
    own_cost(&shared, &mut table)?;
    Ok(table)
}

/// What a short task takes of two cores besides its simulations, whose time the runner's summaries
/// tell.
fn own_cost(shared: &Path, table: &mut Table) -> Result<(), Failure> {
    let project = project(shared, MANY_SETS, 1)?;
    stage(shared, project.path(), &["--stage", "A"])?;
    let clock = Instant::now();
    let tasks = format!("0-{}", 2 * MANY_SETS - 1);
    let stage_b = ["--stage", "B", "--tasks", &tasks, "--jobs", "2"];
    stage(shared, project.path(), &stage_b)?;
    let seconds = clock.elapsed().as_secs_f64();
    let summaries = project
        .path()
        .join("local/bucket/pipeline/flu")
        .join(EXPERIMENT)
        .join("one/summaries/json");
    let mut simulated = 0.0;
    let mut n_tasks = 0_u32;
    for entry in read(&summaries)? {
        simulated += simulated_seconds(&entry)?;
        n_tasks += 1;
    }
    let own = (2.0 * seconds - simulated) / f64::from(n_tasks);
    table.row(
        format!("one of {n_tasks} short tasks on two cores, besides simulating"),
        own * 1e3,
        "ms",
        Target::AtMost(2.0),
    );
    table.row(
        "its simulation",
        simulated / f64::from(n_tasks) * 1e3,
        "ms",
        Target::None,
    );
    Ok(())
}

/// The summaries of stage B's tasks.
fn read(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("runner_") && name.ends_with(".json") {
            paths.push(path.clone());
        }
    }
    paths.sort();
    Ok(paths)
}

fn simulated_seconds(path: &Path) -> Result<f64, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })?;
    let unexpected = || Failure::Answer {
        program: path.display().to_string(),
        reason: "it doesn't tell how long the model ran".to_owned(),
    };
    let summary: serde_json::Value = serde_json::from_str(&text).map_err(|_| unexpected())?;
    summary
        .pointer("/runner/models/0/simulation/duration_seconds")
        .and_then(serde_json::Value::as_f64)
        .ok_or_else(unexpected)
}

/// A forecast repository with the experiment.
fn project(shared: &Path, n_sets: u32, n_sims: u32) -> Result<TempDir, Failure> {
    let folder = tempfile::tempdir().map_err(|source| Failure::File {
        path: std::env::temp_dir(),
        source,
    })?;
    let config = folder.path().join("experiments/flu-sampling/config");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::File { path, source }
    };
    let data = folder.path().join("data");
    std::os::unix::fs::symlink(shared.join("forecast/data"), &data).map_err(failed(&data))?;
    let source = shared.join("forecast/experiments/flu-calibration/config/basemodel.yml");
    let model = std::fs::read_to_string(&source).map_err(failed(&source))?;
    let model = model.replace(" calibrated", " sampled").replace(
        "  simulation:\n",
        &format!("  simulation:\n    n_sims: {n_sims}\n"),
    );
    let modelset = include_str!("../experiments/flu_sampling/modelset.yaml")
        .replace("n_samples: 100", &format!("n_samples: {n_sets}"));
    let output = include_str!("../experiments/flu_sampling/output.yaml");
    for (name, text) in [
        ("basemodel.yml", model.as_str()),
        ("modelset.yml", modelset.as_str()),
        ("output.yaml", output),
    ] {
        save(&config.join(name), text)?;
    }
    Ok(folder)
}

fn command(shared: &Path) -> Result<Command, Failure> {
    let mut command = Command::new(ours("epycloud")?);
    command
        .env_clear()
        .env("EPYCLOUD_POPULATION_DATA", shared.join("epydemix-data"))
        .env("EPYCLOUD_DATA_TABLES", shared.join("suite-tables"))
        .env("EPYCLOUD_SUITE_BEHAVIOUR", "0.1.0")
        .args(["--quiet", "run"]);
    Ok(command)
}

fn stage(shared: &Path, project: &Path, options: &[&str]) -> Result<(), Failure> {
    let mut command = command(shared)?;
    command
        .args(["job", "--local", "--exp-id", EXPERIMENT, "--run-id", "one"])
        .arg("--project-directory")
        .arg(project)
        .args(options);
    answer(&mut command, "").map(drop)
}

/// Seconds of a whole workflow.
fn workflow(shared: &Path, project: &Path, workers: &str) -> Result<f64, Failure> {
    let mut command = command(shared)?;
    command
        .args(["workflow", "--local", "--exp-id", EXPERIMENT])
        .args(["--max-parallelism", workers, "--run-id"])
        .arg(format!("with-{workers}"))
        .arg("--project-directory")
        .arg(project);
    let clock = Instant::now();
    answer(&mut command, "")?;
    Ok(clock.elapsed().as_secs_f64())
}

fn suite(python: &Path, shared: &Path, project: &Path) -> Result<Suite, Failure> {
    let script = root().join("tests/python/sampling_speed.py");
    let mut command = Command::new(python);
    command
        .arg(&script)
        .arg(project)
        .arg(shared.join("epydemix-data"))
        .args([EXPERIMENT, &SUITE_TASKS.to_string()]);
    let said = answer(&mut command, "")?;
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|error| Failure::Answer {
        program: script.display().to_string(),
        reason: format!("`{last}`: {error}"),
    })
}
