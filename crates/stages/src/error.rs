//! What can go wrong in a stage.

use epycloud_config::{EngineName, SettingsErrors, TaskIndex};
use epycloud_errors::{Diagnose, ExitCode};
use epycloud_repository::RepositoryError;
use epycloud_storage::StorageError;
use std::any::Any;

use crate::artifact::ArtifactError;
use crate::engine::EngineFailure;
use crate::hash::Sha256;
use crate::loading::ArtifactProblem;
use crate::manifest::ManifestError;
use crate::output::MissingTask;

/// What can go wrong in a stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A setting that the stage needs is missing or wrong.
    #[error("the stage's settings are incomplete")]
    Settings {
        /// Which.
        #[source]
        source: SettingsErrors,
    },
    /// The forecast repository can't be had.
    #[error("the forecast repository can't be used")]
    Repository {
        /// Why.
        #[source]
        source: RepositoryError,
    },
    /// The archive of the forecast repository is gone.
    #[error("`{path}` is not there, so the repository of commit `{commit}` is not either")]
    NoArchive {
        /// Where it should be.
        path: String,
        /// The commit that stage A ran.
        commit: String,
    },
    /// This program was built without the engine.
    #[error("the `{engine}` engine is not part of this build")]
    EngineUnavailable {
        /// The engine asked for.
        engine: EngineName,
    },
    /// The engine lacks something that it can't do without.
    #[error("the {engine} engine can't be used")]
    EngineUnusable {
        /// The engine asked for.
        engine: EngineName,
        /// What.
        #[source]
        source: EngineFailure,
    },
    /// An artifact is another engine's.
    #[error("`{path}` was written by the `{found}` engine, and the `{asked}` engine was asked for")]
    OtherEngine {
        /// The artifact, or the manifest.
        path: String,
        /// Its engine.
        found: EngineName,
        /// The engine asked for.
        asked: EngineName,
    },
    /// The experiment can't be found or read.
    #[error("the experiment can't be used")]
    Discovery {
        /// Why.
        #[source]
        source: Box<epycloud_config::DiscoveryError>,
    },
    /// There is no output configuration.
    #[error("experiment `{experiment}` has no output configuration")]
    NoOutputConfig {
        /// The experiment.
        experiment: String,
    },
    /// A configuration file's name can't be kept.
    #[error("the configuration file's name can't be used in a run")]
    ConfigName {
        /// Why.
        #[source]
        source: epycloud_config::IdentifierError,
    },
    /// The engine failed.
    #[error("the {engine} engine could not {doing}")]
    Engine {
        /// Which.
        engine: EngineName,
        /// What it was doing: `build the tasks`, `run task 3`, `write the outputs`.
        doing: String,
        /// Why.
        #[source]
        source: EngineFailure,
    },
    /// The engine built no task.
    #[error("experiment `{experiment}` gives no task")]
    NoTasks {
        /// The experiment.
        experiment: String,
    },
    /// The engine didn't build as many tasks as it said.
    #[error("the engine announced `{announced}` tasks and built `{built}`")]
    TaskCount {
        /// As announced.
        announced: u32,
        /// As built.
        built: u32,
    },
    /// Stage A hasn't finished.
    #[error("`{path}` is not there, so stage A has not finished for this run")]
    NotBuilt {
        /// `tasks.json`.
        path: String,
    },
    /// There is no manifest, only a number of tasks.
    #[error(
        "`{path}` is not there; `NUM_TASKS` (`{n}`) stands alone only for runs of the original \
         pipeline, whose artifacts the native engine does not read"
    )]
    OnlyNumTasks {
        /// `tasks.json`.
        path: String,
        /// `NUM_TASKS`.
        n: u32,
    },
    /// The manifest isn't the one that stage A finished with.
    #[error("`{path}` is not the manifest that stage A finished with (sha256 `{expected}`)")]
    OtherManifest {
        /// The manifest.
        path: String,
        /// Its hash, as `tasks.json` has it.
        expected: Sha256,
    },
    /// The manifest can't be read.
    #[error("could not read the manifest `{path}`")]
    Manifest {
        /// The manifest.
        path: String,
        /// Why.
        #[source]
        source: ManifestError,
    },
    /// `NUM_TASKS` isn't the number of tasks.
    #[error("`NUM_TASKS` is `{given}`, and the run has `{n}` tasks")]
    NumTasks {
        /// As given.
        given: u32,
        /// As in the manifest.
        n: u32,
    },
    /// Stage B isn't told which task to run.
    #[error("stage B needs a task index, and none is set")]
    NoTaskIndex,
    /// There is no such task.
    #[error("task index `{index}` is not one of the run's `{n}` tasks (0 to {})", .n - 1)]
    TaskIndex {
        /// As given.
        index: TaskIndex,
        /// Number of tasks.
        n: u32,
    },
    /// A task's input can't be used.
    #[error("could not load the input of task {index}")]
    Input {
        /// The task.
        index: TaskIndex,
        /// Why.
        #[source]
        source: ArtifactProblem,
    },
    /// Results are missing or can't be used.
    #[error("{} of {n} results can't be used:{}", .missing.len(), list(.missing))]
    Results {
        /// Which and why.
        missing: Vec<MissingTask>,
        /// Number of tasks.
        n: u32,
    },
    /// No result can be used.
    #[error("none of the {n} results can be used:{}", list(.missing))]
    NoResults {
        /// Why.
        missing: Vec<MissingTask>,
        /// Number of tasks.
        n: u32,
    },
    /// An artifact can't be written.
    #[error("could not make the artifact `{path}`")]
    Encode {
        /// The artifact.
        path: String,
        /// Why.
        #[source]
        source: ArtifactError,
    },
    /// Storage failed.
    #[error("could not {doing}")]
    Storage {
        /// What was being done.
        doing: String,
        /// Why.
        #[source]
        source: StorageError,
    },
    /// The output configuration's `meta.id` can't be part of a folder's name.
    #[error("`output.meta.id` can't be part of a folder's name")]
    OutputFolder {
        /// Why.
        #[source]
        source: epycloud_config::IdentifierError,
    },
    /// The storage gave a hash that is none.
    #[error("the storage gave a hash that can't be read")]
    Hash {
        /// Why.
        #[source]
        source: crate::hash::InvalidSha256,
    },
    /// No runtime could be started.
    #[error("could not start the runtime")]
    Runtime {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Whoever started the worker is gone.
    #[error("the worker's input or output is closed")]
    WorkerStreams {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A thread of the stage panicked.
    #[error("a bug: {doing} stopped unexpectedly: {message}")]
    Bug {
        /// What.
        doing: &'static str,
        /// What the panic said.
        message: String,
    },
}

/// `\n  task 3 (Place): not there` for each, at most twenty of them.
fn list(missing: &[MissingTask]) -> String {
    const SHOWN: usize = 20;
    let mut text: String = missing
        .iter()
        .take(SHOWN)
        .map(|task| format!("\n  {task}"))
        .collect();
    if missing.len() > SHOWN {
        text.push_str(&format!("\n  and {} more", missing.len() - SHOWN));
    }
    text
}

impl StageError {
    pub(crate) fn bug(doing: &'static str) -> impl FnOnce(tokio::task::JoinError) -> Self {
        move |error| Self::Bug {
            doing,
            message: match error.try_into_panic() {
                Ok(payload) => panic_message(payload),
                Err(_) => "it was cancelled".to_owned(),
            },
        }
    }

    pub(crate) fn panicked(doing: &'static str, payload: Box<dyn Any + Send>) -> Self {
        Self::Bug {
            doing,
            message: panic_message(payload),
        }
    }

    pub(crate) fn storage(doing: impl Into<String>) -> impl FnOnce(StorageError) -> Self {
        let doing = doing.into();
        |source| Self::Storage { doing, source }
    }
}

/// What a thread said when it panicked.
fn panic_message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload
            .downcast_ref::<&str>()
            .copied()
            .unwrap_or("a panic")
            .to_owned(),
    }
}

impl Diagnose for StageError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings { .. }
            | Self::EngineUnavailable { .. }
            | Self::OtherEngine { .. }
            | Self::NoOutputConfig { .. }
            | Self::OutputFolder { .. }
            | Self::OnlyNumTasks { .. }
            | Self::NumTasks { .. }
            | Self::NoTaskIndex
            | Self::TaskIndex { .. } => ExitCode::Usage,
            Self::Discovery { source } => source.exit_code(),
            Self::Repository { source } => source.exit_code(),
            Self::Input { source, .. } => source.exit_code(),
            Self::Results { missing, .. } | Self::NoResults { missing, .. }
                if missing.iter().all(|task| task.temporary) =>
            {
                ExitCode::Temporary
            }
            Self::Engine { source, .. } | Self::EngineUnusable { source, .. } => source.exit_code(),
            Self::Storage { source, .. } => source.exit_code(),
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Settings { source } => return source.hint(),
            Self::Repository { source } => return source.hint(),
            Self::NoArchive { .. } => {
                "set `FORECAST_REPO_REFETCH=true` to fetch the commit again, or run stage A again"
            }
            Self::EngineUnavailable { .. } => {
                "build with `--features python`, or set `EPYCLOUD_ENGINE=native`"
            }
            Self::OtherEngine { found, .. } => {
                return Some(format!(
                    "set `EPYCLOUD_ENGINE={found}`, or run stage A again"
                ));
            }
            Self::Discovery { source } => return source.hint(),
            Self::NoOutputConfig { .. } => {
                "add `output.yaml` with the key `output` to its config folder, or name a file with \
                 `OUTPUT_CONFIG_FILE`"
            }
            Self::Engine { source, .. } | Self::EngineUnusable { source, .. } => {
                return source.hint();
            }
            Self::NotBuilt { .. } | Self::OtherManifest { .. } => {
                "run stage A, and check `EXP_ID`, `RUN_ID` and `DIR_PREFIX`"
            }
            Self::NumTasks { .. } => "leave `NUM_TASKS` unset: the manifest has the number",
            Self::NoTaskIndex => "set `TASK_INDEX` (the first task is 0)",
            Self::TaskIndex { .. } => "tasks are counted from 0",
            Self::Input { source, .. } => {
                return source
                    .hint()
                    .or_else(|| Some("run stage A again".to_owned()));
            }
            Self::Results { .. } => {
                "run stage B for these tasks again, or set `ALLOW_PARTIAL_RESULTS=true` to go on \
                 without them"
            }
            Self::NoResults { .. } => "run stage B",
            Self::Encode { source, .. } => return source.hint(),
            Self::Storage { source, .. } => return source.hint(),
            Self::Bug { .. } => "please report it",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
