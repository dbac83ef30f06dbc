//! What an engine does for the stages.
//!
//! A stage reads and writes artifacts, keeps the manifest, and reports; the engine turns an
//! experiment into task inputs, an input into a result, and results into files. It is handed one
//! task at a time in each direction, so no stage holds more than a few tasks in memory.

mod check;
mod elsewhere;
mod failure;
mod native;
#[cfg(feature = "python")]
pub mod python;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use epycloud_config::yaml::Document;
use epycloud_config::{EngineName, ExperimentFiles, RuntimeSettings};
use epycloud_errors::ExitCode;

pub use check::{Check, CheckDepth, Problem};
pub use elsewhere::ElsewhereEngine;
pub use epycloud_engine::DataSources;
pub use epycloud_engine::outputs::{HeadlineRow, Interval};
pub use failure::EngineFailure;
pub use native::NativeEngine;

use crate::artifact::{Artifact, Payload};
use crate::error::StageError;
use crate::output::MissingTask;
use crate::telemetry::{Configuration, ModelSummary};

/// What does the modelling: [`NativeEngine`], or CPython with `epymodelingsuite`.
///
/// Methods block; the stages call them from a thread of their own.
pub trait Engine: Send + Sync {
    /// The name that every artifact records.
    fn name(&self) -> EngineName;

    /// Its version.
    fn version(&self) -> String;

    /// Versions of what does the modelling, for artifacts and summaries.
    fn versions(&self) -> BTreeMap<String, String>;

    /// Starts what takes its time before the engine can work, and returns while it starts.
    fn prepare(&self) {}

    /// The codec under which the engine reads pickles that are no artifacts of ours (the original
    /// pipeline's), if it may.
    fn foreign_codec(&self) -> Option<&'static str> {
        None
    }

    /// Says everything that is wrong with an experiment, and prepares nothing.
    ///
    /// # Errors
    /// When the engine can't be used; what is wrong with the experiment is in the [`Check`].
    fn check(
        &self,
        experiment: &ExperimentFiles,
        sources: &DataSources,
        depth: CheckDepth,
    ) -> Result<Check, EngineFailure>;

    /// Reads and checks an experiment's files, and prepares its tasks.
    ///
    /// # Errors
    /// Every fault of the experiment at once; data that is missing; what the engine can't do.
    fn build(
        &self,
        experiment: &ExperimentFiles,
        sources: &DataSources,
    ) -> Result<Build, EngineFailure>;

    /// Runs one task; `watch` is told how far it is.
    ///
    /// # Errors
    /// When the input isn't this engine's, or the model can't be simulated.
    fn run(&self, input: &Artifact, watch: &mut dyn TaskWatch)
    -> Result<TaskResult, EngineFailure>;

    /// Turns results into files: reads them one by one and hands each file's bytes on in pieces.
    ///
    /// # Errors
    /// When the output configuration is invalid, a result isn't this engine's, or the stream or
    /// the sink gives up.
    fn output(
        &self,
        config: &Document,
        results: &mut dyn ResultStream,
        sink: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure>;
}

/// Somebody who follows a task while it runs.
pub trait TaskWatch {
    /// So many simulations (or particles) are done, of so many.
    fn progress(&mut self, done: u32, of: u32);

    /// What an earlier attempt at the same input left as its last checkpoint.
    fn earlier(&mut self) -> Option<Payload> {
        None
    }

    /// Keeps something to go on from, should this attempt be killed.
    fn checkpoint(&mut self, payload: Payload) {
        let _ = payload;
    }
}

/// Nobody: nothing is shown, and nothing kept.
impl TaskWatch for () {
    fn progress(&mut self, _done: u32, _of: u32) {}
}

/// Why a process stops before its work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGTERM: the machine is taken away; the work is worth doing again.
    Terminate,
    /// SIGINT: the user doesn't want it any more.
    Interrupt,
}

impl StopSignal {
    /// The exit code of a process that stops so.
    #[must_use]
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Terminate => ExitCode::Temporary,
            Self::Interrupt => ExitCode::Interrupted,
        }
    }
}

impl fmt::Display for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        })
    }
}

/// The tasks of an experiment, before their inputs are stored.
pub struct Build {
    /// The kind of workflow: `simulation`, `sampling`, `calibration`, `calibration_projection`.
    pub workflow: String,
    /// Number of tasks.
    pub n: u32,
    /// The tasks, in index order, `n` of them, made as they are asked for.
    pub tasks: Box<dyn Iterator<Item = Result<BuiltTask, EngineFailure>> + Send>,
    /// What the summaries say about the experiment.
    pub configuration: Configuration,
    /// What probably isn't meant, for the log and the summary.
    pub warnings: Vec<String>,
}

/// One task of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltTask {
    /// The engine's number of it.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Seed of its random stream, if it has one.
    pub seed: Option<u64>,
    /// Step in days, if it has one.
    pub delta_t: Option<f64>,
    /// What [`Engine::run`] needs.
    pub payload: Payload,
}

/// What came of one task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskResult {
    /// What [`Engine::output`] needs.
    pub payload: Payload,
    /// What the summary says about it.
    pub summary: ModelSummary,
}

/// The results of a run, one after the other.
pub trait ResultStream {
    /// The next result in index order; `None` after the last.
    ///
    /// # Errors
    /// When the stage has given up (a result is missing, and partial results aren't allowed): the
    /// engine passes the failure on.
    fn next(&mut self) -> Result<Option<Artifact>, EngineFailure>;

    /// The tasks without a usable result; complete once [`next`](Self::next) has returned `None`.
    fn missing(&self) -> &[MissingTask];
}

/// Where an engine's files go.
pub trait FileSink {
    /// Appends bytes to a file, which the first call creates. A file's bytes are stored as they
    /// are: what is to be compressed comes compressed.
    ///
    /// # Errors
    /// When storing has failed: the engine passes the failure on.
    fn write(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), EngineFailure>;
}

/// What an engine says about the files it made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutputSummary {
    /// What probably isn't meant, for the log and the summary.
    pub warnings: Vec<String>,
    /// The main transition of the first tasks in a few numbers, for whoever waits for the run.
    pub headline: Vec<HeadlineRow>,
}

/// The engine that the settings ask for.
///
/// # Errors
/// When this program was built without it (another one is never taken instead), or it lacks
/// something.
pub fn engine(
    settings: &RuntimeSettings,
    sources: &DataSources,
) -> Result<Arc<dyn Engine>, StageError> {
    match settings.engine.value {
        EngineName::Native => Ok(Arc::new(NativeEngine::new(
            sources.clone(),
            threads(settings),
        ))),
        EngineName::Python => python_engine(settings, sources),
    }
}

/// Threads for one task: as many as there are cores, unless the settings say otherwise.
fn threads(settings: &RuntimeSettings) -> NonZeroUsize {
    let asked = settings
        .threads
        .as_ref()
        .map(|threads| threads.value as usize);
    asked
        .and_then(NonZeroUsize::new)
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}

#[cfg(feature = "python")]
fn python_engine(
    settings: &RuntimeSettings,
    sources: &DataSources,
) -> Result<Arc<dyn Engine>, StageError> {
    match python::PythonEngine::new(settings, sources) {
        Ok(engine) => Ok(Arc::new(engine)),
        Err(error) => Err(StageError::EngineUnusable {
            engine: EngineName::Python,
            source: EngineFailure::new(error),
        }),
    }
}

#[cfg(not(feature = "python"))]
fn python_engine(_: &RuntimeSettings, _: &DataSources) -> Result<Arc<dyn Engine>, StageError> {
    Err(StageError::EngineUnavailable {
        engine: EngineName::Python,
    })
}

/// Stops what this process's engines are doing, and fails whatever they are asked later. Python
/// code gets a few seconds to clean up after itself. What can't be stopped (the native engine,
/// native code under Python) is left to the process's end, which tears nothing: what is written
/// appears whole or not at all.
pub fn stop(signal: StopSignal) {
    #[cfg(feature = "python")]
    python::stop(signal);
    #[cfg(not(feature = "python"))]
    let _ = signal;
}
