//! Stage B: one task's input becomes its result.

use std::sync::Arc;

use epycloud_config::TaskIndex;
use epycloud_errors::chain;
use epycloud_storage::{SaveOptions, StoragePath, Summary as SummaryPath};
use tracing::info;

use crate::artifact::{Artifact, ArtifactKind, Header};
use crate::blocking::blocking;
use crate::checkpoints::Watch;
use crate::engine::TaskResult;
use crate::error::StageError;
use crate::manifest::TaskEntry;
use crate::report;
use crate::run::StageRun;
use crate::tasks::TaskList;
use crate::telemetry::{Clock, ModelError, ModelSummary, Resources, RunnerSection};

/// What stage B has done for one task.
#[derive(Debug, Clone, PartialEq)]
pub struct RunnerReport {
    /// The task.
    pub index: TaskIndex,
    /// epydemix name of the population.
    pub population: String,
    /// Size of the stored result in bytes.
    pub bytes: u64,
    /// How long it took, in seconds.
    pub duration_secs: f64,
    /// The most memory the process has held so far, in MiB.
    pub peak_memory_mib: f64,
}

/// Runs stage B for one task: loads its input, has the engine run it, stores the result and then
/// the telemetry summary, the latter also when the task fails.
///
/// # Errors
/// When stage A hasn't finished, there is no such task, its input isn't the one that the manifest
/// lists, the engine fails, or the storage does.
pub async fn run_runner(run: &StageRun, index: TaskIndex) -> Result<RunnerReport, StageError> {
    // While the engine starts, the input is loaded.
    run.engine.prepare();
    let list = TaskList::load(run).await?;
    simulate(run, &list, index).await?.store().await
}

/// A task whose simulations are over, well or not: what came of it is still to be stored.
pub(crate) struct Simulated {
    run: StageRun,
    task: TaskEntry,
    n_tasks: u32,
    clock: Clock,
    /// What the process used until then; what comes later may be another task's.
    resources: Resources,
    outcome: Result<Encoded, StageError>,
}

/// A result as it is stored, but for its compression.
struct Encoded {
    path: StoragePath,
    bytes: Vec<u8>,
    summary: ModelSummary,
}

/// Loads a task's input and has the engine run it.
///
/// # Errors
/// When there is no such task; any other failure is kept, for the summary.
pub(crate) async fn simulate(
    run: &StageRun,
    list: &TaskList,
    index: TaskIndex,
) -> Result<Simulated, StageError> {
    let clock = Clock::start();
    let task = list.task(index)?.clone();
    let outcome = load_and_compute(run, list, &task).await;
    let (_, resources) = clock.read();
    Ok(Simulated {
        run: run.clone(),
        task,
        n_tasks: list.n(),
        clock,
        resources,
        outcome,
    })
}

impl Simulated {
    /// Size of the result before it is compressed; nothing where the task has failed.
    pub(crate) fn bytes(&self) -> Option<usize> {
        let encoded = self.outcome.as_ref().ok();
        encoded.map(|encoded| encoded.bytes.len())
    }

    /// Stores the result and then the summary, the latter also when the task has failed.
    ///
    /// # Errors
    /// When the task has failed, or its result can't be stored.
    pub(crate) async fn store(self) -> Result<RunnerReport, StageError> {
        let index = TaskIndex::new(self.task.index);
        let outcome = match self.outcome {
            Ok(encoded) => save(&self.run, index, self.n_tasks, encoded).await,
            Err(error) => Err(error),
        };
        let (mut times, _) = self.clock.read();
        times.peak_memory_mb = self.resources.peak_memory_mb;
        let seconds = times.duration_seconds.unwrap_or_default();
        let peak_memory_mib = times.peak_memory_mb.unwrap_or_default();
        let mut summary = report::new_summary(&self.run);
        summary.runner = section(&self.task, &outcome);
        summary.runner.times = times;
        summary.resources = self.resources;
        report::close(&self.run, &mut summary, seconds, outcome.as_ref().err());
        let which = SummaryPath::Runner {
            index,
            n_tasks: self.n_tasks,
        };
        report::save(&self.run, &which, &summary).await;
        let (bytes, _) = outcome?;
        info!("task {index} is done in {seconds:.1} s");
        Ok(RunnerReport {
            index,
            population: self.task.population,
            bytes,
            duration_secs: seconds,
            peak_memory_mib,
        })
    }
}

async fn load_and_compute(
    run: &StageRun,
    list: &TaskList,
    task: &TaskEntry,
) -> Result<Encoded, StageError> {
    let index = TaskIndex::new(task.index);
    info!("task {index} of {}: {}", list.n(), task.population);
    let input = list
        .input(run, task)
        .await
        .map_err(|source| StageError::Input { index, source })?;
    let header = Header {
        kind: ArtifactKind::Result,
        versions: run.engine.versions(),
        input_sha256: Some(task.sha256),
        ..input.header.clone()
    };
    let watch = Watch::open(run, list, task, &header).await;
    let TaskResult { payload, summary } = compute(run, index, input, watch).await?;
    let path = run.layout.result(index, list.n());
    let bytes = Artifact { header, payload }
        .encode()
        .map_err(|source| StageError::Encode {
            path: run.storage.url_of(&path),
            source,
        })?;
    Ok(Encoded {
        path,
        bytes,
        summary,
    })
}

/// Stores a result; its stored size, and what the engine says of the task.
async fn save(
    run: &StageRun,
    index: TaskIndex,
    n_tasks: u32,
    encoded: Encoded,
) -> Result<(u64, ModelSummary), StageError> {
    let Encoded {
        path,
        bytes,
        summary,
    } = encoded;
    let saved = run
        .storage
        .save_bytes(&path, bytes, &SaveOptions::default())
        .await
        .map_err(StageError::storage(format!(
            "store the result of task {index}"
        )))?;
    Watch::clear(run, index, n_tasks).await;
    Ok((saved.bytes, summary))
}

async fn compute(
    run: &StageRun,
    index: TaskIndex,
    input: Artifact,
    mut watch: Watch,
) -> Result<TaskResult, StageError> {
    let engine = Arc::clone(&run.engine);
    let name = engine.name();
    let ran = blocking("running a task", move || engine.run(&input, &mut watch));
    ran.await?.map_err(|source| StageError::Engine {
        engine: name,
        doing: format!("run task {index}"),
        source,
    })
}

/// What the summary says of the task, whichever way it ended.
fn section(task: &TaskEntry, outcome: &Result<(u64, ModelSummary), StageError>) -> RunnerSection {
    match outcome {
        Ok((_, model)) => RunnerSection {
            models: vec![model.clone()],
            ..RunnerSection::default()
        },
        Err(error) => {
            let error = chain(error).join(": ");
            let (primary_id, population) = (task.primary_id, task.population.clone());
            RunnerSection {
                models: vec![ModelSummary {
                    primary_id,
                    population: population.clone(),
                    error: Some(error.clone()),
                    ..ModelSummary::default()
                }],
                errors: vec![ModelError {
                    primary_id,
                    population,
                    error,
                }],
                ..RunnerSection::default()
            }
        }
    }
}
