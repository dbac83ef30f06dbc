//! Stage A: an experiment becomes the inputs of its tasks.

mod inputs;

use std::path::Path;
use std::sync::Arc;

use epycloud_config::{ExperimentFiles, FileName, RunId, discover};
use epycloud_storage::{
    LoadOptions, SaveOptions, StorageError, StoragePath, Summary as SummaryPath,
};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::blocking::blocking;
use crate::engine::Build;
use crate::error::StageError;
use crate::git::head_commit;
use crate::hash::Sha256;
use crate::manifest::{self, Manifest, Tasks};
use crate::report;
use crate::run::StageRun;
use crate::tasks::TaskList;
use crate::telemetry::{BuilderSection, Clock, Summary};
use inputs::Common;

/// What stage A has done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuilderReport {
    /// The run.
    pub run_id: RunId,
    /// Number of tasks.
    pub n: u32,
    /// How many inputs were written; the others were there already, byte for byte.
    pub written: u32,
    /// The kind of workflow.
    pub workflow: String,
    /// Commit of the forecast repository.
    pub commit: Option<String>,
    /// The generation: hash of the manifest.
    pub manifest_sha256: Sha256,
    /// Whether this generation was there before.
    pub unchanged: bool,
    /// What probably isn't meant in the experiment.
    pub warnings: Vec<String>,
    /// How long it took, in seconds.
    pub duration_secs: f64,
}

/// Runs stage A: finds and reads the experiment, copies its model configuration, builds the
/// tasks, and stores their inputs, the manifest, and last `tasks.json`, without which no later
/// stage begins. Then it stores the telemetry summary, also when it fails.
///
/// Building the same experiment again rewrites nothing that is there already. Building a changed
/// one removes `tasks.json` before it touches anything else: until the new one is complete, the
/// run counts as not built.
///
/// # Errors
/// Every fault of the experiment at once, a missing output configuration among them; what the
/// engine can't do; storage.
pub async fn run_builder(run: &StageRun) -> Result<BuilderReport, StageError> {
    let clock = Clock::start();
    run.engine.prepare();
    let mut summary = report::new_summary(run);
    let outcome = build(run, &clock, &mut summary).await;
    let (times, resources) = clock.read();
    let seconds = times.duration_seconds.unwrap_or_default();
    summary.builder = BuilderSection {
        times,
        ..summary.builder
    };
    summary.resources = resources;
    report::close(run, &mut summary, seconds, outcome.as_ref().err());
    // An experiment that isn't there, mistyped perhaps, is given no run.
    if !matches!(outcome, Err(StageError::Discovery { .. })) {
        report::save(run, &SummaryPath::Builder, &summary).await;
    }
    outcome
}

async fn build(
    run: &StageRun,
    clock: &Clock,
    summary: &mut Summary,
) -> Result<BuilderReport, StageError> {
    let settings = &run.settings;
    if settings.run_id_is_new {
        info!("no RUN_ID is set: this run is `{}`", settings.run_id);
    }
    info!("building experiment `{}`", settings.exp_id);
    let experiment = Arc::new(find(run)?);
    let config_sha256 = Sha256::of_files(model_files(&experiment));
    let built = prepare(run, Arc::clone(&experiment)).await?;
    for warning in &built.warnings {
        warn!("{warning}");
    }
    summary.configuration = built.configuration.clone();
    summary.warnings.clone_from(&built.warnings);
    if built.n == 0 {
        return Err(StageError::NoTasks {
            experiment: settings.exp_id.to_string(),
        });
    }
    let previous = inputs::previous(run).await?;
    copy_configuration(run, &experiment).await?;
    let (n, workflow, warnings) = (built.n, built.workflow.clone(), built.warnings.clone());
    let common = Common::new(run, &workflow, config_sha256);
    let stored = inputs::store(run, built, common, previous.as_ref()).await?;
    summary.builder.n_models = Some(n);
    let manifest = Manifest {
        format: manifest::FORMAT.to_owned(),
        version: manifest::VERSION,
        exp_id: settings.exp_id.clone(),
        run_id: settings.run_id.clone(),
        engine: run.engine.name(),
        versions: run.engine.versions(),
        config_sha256,
        workflow: workflow.clone(),
        n,
        tasks: stored.entries,
    };
    let tasks = publish(run, &manifest, previous.as_ref()).await?;
    let unchanged = previous.is_some_and(|old| old.tasks.manifest_sha256 == tasks.manifest_sha256);
    let written = stored.written;
    info!(
        tasks = n,
        written, "stage A is done: {n} tasks, {written} inputs written"
    );
    Ok(BuilderReport {
        run_id: settings.run_id.clone(),
        n,
        written,
        workflow,
        commit: tasks.commit,
        manifest_sha256: tasks.manifest_sha256,
        unchanged,
        warnings,
        duration_secs: clock.elapsed_secs(),
    })
}

/// Finds the experiment's files. That it lacks an output configuration is said here, before any
/// compute is spent.
fn find(run: &StageRun) -> Result<ExperimentFiles, StageError> {
    let settings = &run.settings;
    let experiment = discover(
        &settings.sources.repository,
        &settings.exp_id,
        settings.output_config_file.as_ref(),
    )
    .map_err(|source| StageError::Discovery {
        source: Box::new(source),
    })?;
    if experiment.output.is_none() {
        return Err(StageError::NoOutputConfig {
            experiment: settings.exp_id.to_string(),
        });
    }
    Ok(experiment)
}

/// Has the engine read the experiment and prepare its tasks.
async fn prepare(run: &StageRun, experiment: Arc<ExperimentFiles>) -> Result<Build, StageError> {
    let (engine, sources) = (Arc::clone(&run.engine), run.settings.sources.clone());
    let name = engine.name();
    blocking("building the tasks", move || {
        engine.build(&experiment, &sources)
    })
    .await?
    .map_err(|source| StageError::Engine {
        engine: name,
        doing: "build the tasks".to_owned(),
        source,
    })
}

/// The base model and the model set, as they lie in the repository.
fn model_files(experiment: &ExperimentFiles) -> Vec<(&str, &[u8])> {
    experiment
        .model_configs()
        .map(|document| (file_name(&document.file), document.bytes.as_slice()))
        .collect()
}

fn file_name(file: &Path) -> &str {
    file.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// Copies the model configuration byte for byte, for whoever asks later what was run. Output
/// configurations are copied by stage C, beside what they made.
async fn copy_configuration(
    run: &StageRun,
    experiment: &ExperimentFiles,
) -> Result<(), StageError> {
    for (name, bytes) in model_files(experiment) {
        let file: FileName = name
            .parse()
            .map_err(|source| StageError::ConfigName { source })?;
        save_changed(run, &run.layout.config(&file), bytes).await?;
    }
    Ok(())
}

/// Stores the manifest and then, last, `tasks.json`.
async fn publish(
    run: &StageRun,
    manifest: &Manifest,
    previous: Option<&TaskList>,
) -> Result<Tasks, StageError> {
    let bytes = manifest.encode();
    let tasks = Tasks {
        n: manifest.n,
        commit: head_commit(&run.settings.sources.repository),
        dirty: None,
        manifest_sha256: Sha256::of(&bytes),
    };
    save_changed(run, &run.layout.manifest(), &bytes).await?;
    if previous.map(|old| &old.tasks) != Some(&tasks) {
        run.storage
            .save_json(&run.layout.tasks(), &tasks)
            .await
            .map_err(StageError::storage("store the number of tasks"))?;
    }
    Ok(tasks)
}

/// Stores bytes unless they are there already.
async fn save_changed(run: &StageRun, path: &StoragePath, bytes: &[u8]) -> Result<(), StageError> {
    let stored = run.storage.load_bytes(path, &LoadOptions::default()).await;
    match stored {
        Ok(stored) if stored == bytes => return Ok(()),
        Ok(_) | Err(StorageError::Missing { .. } | StorageError::Corrupt { .. }) => {}
        Err(error) => return Err(StageError::storage("read what is stored")(error)),
    }
    run.storage
        .save_bytes(path, bytes.to_vec(), &SaveOptions::default())
        .await
        .map_err(StageError::storage("store a file of the run"))?;
    Ok(())
}
