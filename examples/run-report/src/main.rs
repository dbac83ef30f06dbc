//! The crates used as a library, as another Rust tool would: runs an experiment's stages A and B in
//! memory, then reads the run's manifest and artifacts and prints a table.
//!
//!     cargo run -p epycloud-run-report [REPOSITORY [EXPERIMENT]]

use std::io::{self, Write as _};

use epycloud_config::{Environment, RuntimeSettings, Stage, TaskIndex};
use epycloud_engine::simulation::SimulationResult;
use epycloud_errors::Report;
use epycloud_stages::{StageRun, TaskList, run_builder, run_runner};
use epycloud_storage::Storage;

const QUICKSTART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../quickstart");

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args().skip(1);
    let repository = arguments.next().unwrap_or_else(|| QUICKSTART.to_owned());
    let experiment = arguments.next().unwrap_or_else(|| "quickstart".to_owned());
    match report(&repository, &experiment) {
        Ok(table) => {
            let _ = io::stdout().write_all(table.as_bytes());
            std::process::ExitCode::SUCCESS
        }
        Err(report) => {
            let _ = writeln!(io::stderr(), "{report}");
            report.exit_code().into()
        }
    }
}

fn report(repository: &str, experiment: &str) -> Result<String, Report> {
    let settings = RuntimeSettings::from_environment(&Environment::from_pairs([
        ("EXECUTION_MODE", "local"),
        ("EXP_ID", experiment),
        ("RUN_ID", "in-memory"),
        ("FORECAST_REPO_DIR", repository),
    ]))?;
    // The stages take any storage; this one is gone when the program ends.
    let storage = Storage::in_memory();
    let run = StageRun {
        storage,
        ..StageRun::from_runtime(&settings, Stage::Builder)?
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(NoRuntime)?;
    runtime.block_on(async {
        let built = run_builder(&run).await?;
        for index in 0..built.n {
            run_runner(&run, TaskIndex::new(index)).await?;
        }
        table(&run).await
    })
}

/// One line for each task of the manifest: how many people each compartment holds at the end, in
/// the mean over simulations.
async fn table(run: &StageRun) -> Result<String, Report> {
    let list = TaskList::load(run).await?;
    let mut text = format!(
        "{:4} {:24} {:>6}  {}\n",
        "task", "population", "sims", "at the end"
    );
    for task in &list.manifest.tasks {
        let artifact = list.result(run, task).await?;
        let result: SimulationResult = artifact.payload.to_plain()?;
        let ends: Vec<String> = last_row(&result)
            .into_iter()
            .zip(&result.compartments)
            .map(|(people, compartment)| format!("{compartment} {people:.0}"))
            .collect();
        text.push_str(&format!(
            "{:4} {:24} {:>6}  {}\n",
            task.index,
            result.population,
            result.n_sims(),
            ends.join(", ")
        ));
    }
    Ok(text)
}

/// People in each compartment on the last date, all groups together, mean over simulations.
fn last_row(result: &SimulationResult) -> Vec<f64> {
    let counts = result.compartment_counts.to_i64().unwrap_or_default();
    let (n_compartments, n_groups) = (result.compartments.len(), result.groups.len());
    let row = n_compartments * n_groups;
    let simulation = row * result.dates.len();
    let mut sums = vec![0_i64; n_compartments];
    for counts in counts.chunks_exact(simulation.max(1)) {
        let last = &counts[simulation - row..];
        for (sum, groups) in sums.iter_mut().zip(last.chunks_exact(n_groups)) {
            *sum += groups.iter().sum::<i64>();
        }
    }
    sums.into_iter()
        .map(|sum| sum as f64 / result.n_sims() as f64)
        .collect()
}

#[derive(Debug)]
struct NoRuntime(io::Error);

impl std::fmt::Display for NoRuntime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("could not start the runtime")
    }
}

impl std::error::Error for NoRuntime {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl epycloud_errors::Diagnose for NoRuntime {}
