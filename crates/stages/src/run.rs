//! What every stage works with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use epycloud_config::{
    ExecutionMode, ExpId, FileName, LocalProject, RunId, RuntimeSettings, Setting, Stage, TaskIndex,
};
use epycloud_storage::{LocalStore, RunLayout, Storage};
use tracing::{info, warn};

use crate::engine::{DataSources, Engine, engine};
use crate::error::StageError;
use crate::progress::{LogProgress, Progress};

/// How old an unfinished file has to be before nobody can still mean it.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

/// A stage's options.
#[derive(Debug, Clone)]
pub struct StageSettings {
    /// The experiment.
    pub exp_id: ExpId,
    /// The run.
    pub run_id: RunId,
    /// Whether the run ID was made up here, so that stage A says so.
    pub run_id_is_new: bool,
    /// Where the engine finds the experiment and its data.
    pub sources: DataSources,
    /// `NUM_TASKS`: checked against the manifest, never used instead of it.
    pub num_tasks: Option<u32>,
    /// The output configuration to use, instead of the one that is found.
    pub output_config_file: Option<FileName>,
    /// Whether stage C goes on without results that can't be used.
    pub allow_partial_results: bool,
    /// Why tasks have no result, by index, where that is known: what outputs that lack them name.
    pub known_failures: BTreeMap<u32, String>,
}

/// One run, as its stages see it: options, where artifacts are, and who does the modelling.
#[derive(Clone)]
pub struct StageRun {
    /// The options.
    pub settings: StageSettings,
    /// Where artifacts are kept.
    pub storage: Storage,
    /// Where in it this run's are.
    pub layout: RunLayout,
    /// Who does the modelling.
    pub engine: Arc<dyn Engine>,
    /// Who is told how far a stage is.
    pub progress: Arc<dyn Progress>,
}

impl StageRun {
    /// The run that the environment describes, for one stage. Stage A generates a run ID when
    /// there is none. In cloud mode the forecast repository is still to be
    /// [obtained](crate::forecast::obtain).
    ///
    /// # Errors
    /// When the stage lacks a setting, the engine isn't part of this build, or the storage can't
    /// be opened.
    pub fn from_runtime(settings: &RuntimeSettings, stage: Stage) -> Result<Self, StageError> {
        Self::open(settings, stage, |sources| engine(settings, sources))
    }

    /// The same with an engine that is elsewhere, for somebody who has workers do the modelling
    /// and tells them the tasks' indices.
    ///
    /// # Errors
    /// As [`from_runtime`](Self::from_runtime), but for the engine.
    pub fn with_engine(
        settings: &RuntimeSettings,
        stage: Stage,
        engine: Arc<dyn Engine>,
    ) -> Result<Self, StageError> {
        Self::open(&with_some_index(settings), stage, |_| Ok(engine))
    }

    fn open(
        settings: &RuntimeSettings,
        stage: Stage,
        engine: impl FnOnce(&DataSources) -> Result<Arc<dyn Engine>, StageError>,
    ) -> Result<Self, StageError> {
        settings
            .check_for(stage)
            .map_err(|source| StageError::Settings { source })?;
        let storage = open(settings)?.verbose(settings.storage_verbose.value);
        let options = StageSettings::from_runtime(settings);
        let engine = engine(&options.sources)?;
        let layout = RunLayout::new(&settings.dir_prefix.value, &options.exp_id, &options.run_id);
        if stage == Stage::Builder && settings.mode.value == ExecutionMode::Local {
            remove_leftovers(local_bucket(settings).join(layout.root().as_str()));
        }
        Ok(Self {
            settings: options,
            storage,
            layout,
            engine,
            progress: Arc::new(LogProgress::default()),
        })
    }

    /// As [`from_runtime`](Self::from_runtime) for stage B, for somebody who is told the task's
    /// index otherwise.
    ///
    /// # Errors
    /// As [`from_runtime`](Self::from_runtime).
    pub fn for_tasks(settings: &RuntimeSettings) -> Result<Self, StageError> {
        Self::from_runtime(&with_some_index(settings), Stage::Runner)
    }

    /// The same run with somebody else watching.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }
}

/// The settings with an index that stands for those that will be told, so that it isn't called
/// missing.
fn with_some_index(settings: &RuntimeSettings) -> RuntimeSettings {
    let mut complete = settings.clone();
    complete.task_index = Some(Setting::default_value(TaskIndex::new(0)));
    complete
}

fn local_bucket(settings: &RuntimeSettings) -> PathBuf {
    LocalProject::in_container(&settings.local_data_path.value).bucket
}

/// The bucket of cloud mode, or its stand-in among local files.
fn open(settings: &RuntimeSettings) -> Result<Storage, StageError> {
    let local = local_bucket(settings);
    let (opened, url) = match (settings.mode.value, &settings.bucket) {
        (ExecutionMode::Cloud, Some(bucket)) => {
            let url = format!("gs://{}", bucket.value);
            (Storage::open(&url), url)
        }
        _ => (Storage::local(&local), local.display().to_string()),
    };
    opened.map_err(StageError::storage(format!("open the storage at `{url}`")))
}

/// Removes what killed processes of the run have left half-written. It harms nobody, so that it
/// can't be removed is only said.
fn remove_leftovers(folder: PathBuf) {
    match LocalStore::new(folder).sweep(LEFTOVER_AGE) {
        Ok(0) => {}
        Ok(files) => info!("removed {files} unfinished files of killed processes"),
        Err(error) => warn!("could not remove unfinished files: {error}"),
    }
}

impl StageSettings {
    fn from_runtime(settings: &RuntimeSettings) -> Self {
        let exp_id = settings
            .exp_id
            .as_ref()
            .expect("checked before")
            .value
            .clone();
        let given = settings.run_id.as_ref().map(|run_id| run_id.value.clone());
        Self {
            exp_id,
            run_id_is_new: given.is_none(),
            run_id: given.unwrap_or_else(RunId::generate),
            sources: data_sources(settings),
            num_tasks: settings.num_tasks.as_ref().map(|n| n.value),
            output_config_file: settings
                .output_config_file
                .as_ref()
                .map(|file| file.value.clone()),
            allow_partial_results: settings.allow_partial_results.value,
            known_failures: BTreeMap::new(),
        }
    }
}

/// Where the settings say that an experiment's data is.
#[must_use]
pub fn data_sources(settings: &RuntimeSettings) -> DataSources {
    let path = |path: &Option<Setting<PathBuf>>| path.as_ref().map(|path| absolute(&path.value));
    DataSources {
        repository: absolute(&settings.forecast_repo_dir.value),
        population_data: path(&settings.population_data),
        data_tables: path(&settings.data_tables),
        suite_behaviour: settings.suite_behaviour.value,
    }
}

/// An engine may change the working directory, which no path may depend on.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
