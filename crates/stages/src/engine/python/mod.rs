//! The python engine: `epymodelingsuite` in an embedded CPython.
//!
//! The interpreter runs on a thread of its own and is started at once, so that a stage reads its
//! input while Python imports. It stays for the life of the process: a worker pays the imports
//! once for all its tasks.
//!
//! Payloads are written by the standard pickler, or by cloudpickle where that can't name
//! something (a function made inside a function, which every calibration has). Reading one
//! executes what it names, so the stages check hashes first, and only payloads of ours are read
//! unless the original pipeline's are allowed too ([`ArtifactTrust`]).
//!
//! What Python logs, warns and prints arrives as `tracing` events with the target `epycloud::python`. An
//! exception becomes a [`PythonException`] with its traceback in the error's chain.

mod bridge;
mod builder;
mod check;
mod environment;
mod error;
mod exception;
mod ffi;
mod interpreter;
mod output;
mod place;
mod summary;
mod thread;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use epycloud_config::yaml::Document;
use epycloud_config::{
    ArtifactTrust, EngineName, ExpId, ExperimentFiles, RuntimeSettings, Setting,
};
use pyo3::types::{PyAnyMethods as _, PyBytes, PyBytesMethods as _};

pub use error::PythonError;
pub use exception::{PythonException, Traceback};

use super::{
    Build, Check, CheckDepth, DataSources, Engine, EngineFailure, FileSink, OutputSummary,
    ResultStream, StopSignal, TaskResult, TaskWatch,
};
use crate::artifact::{Artifact, Payload};
use environment::PythonEnvironment;
use place::Place;
use thread::PythonThread;

/// Codecs of payloads that the standard pickler reads, and the original pipeline's.
const CODECS: [&str; 2] = ["pickle-5", "cloudpickle-5"];
/// How long Python code that is being stopped may clean up after itself; a machine that is taken
/// away gives half a minute.
const STOP_WAIT: Duration = Duration::from_secs(5);
/// The codec of artifacts of the original pipeline.
const LEGACY_CODEC: &str = "dill";

/// The engine that calls `epymodelingsuite`.
pub struct PythonEngine {
    python: PythonEnvironment,
    place: Place,
    experiment: Option<ExpId>,
    trust: ArtifactTrust,
}

impl PythonEngine {
    /// Finds the Python to embed: `EPYCLOUD_PYTHON`, else `VIRTUAL_ENV`, else the images'
    /// environment, else `python3` on `PATH`. It is started by [`Engine::prepare`], or by the
    /// first thing that the engine is asked to do.
    ///
    /// # Errors
    /// When there is no Python, the one that is named isn't there, or a folder isn't there.
    pub fn new(settings: &RuntimeSettings, sources: &DataSources) -> Result<Self, PythonError> {
        let path = |setting: &Option<Setting<PathBuf>>| {
            setting.as_ref().map(|setting| setting.value.clone())
        };
        Ok(Self {
            python: PythonEnvironment::locate(
                path(&settings.python),
                path(&settings.virtual_env),
                std::env::var_os("PATH"),
            )?,
            place: Place::new(sources)?,
            experiment: settings.exp_id.as_ref().map(|id| id.value.clone()),
            trust: settings.trust_artifacts.value,
        })
    }

    fn thread(&self) -> Result<Arc<PythonThread>, PythonError> {
        PythonThread::start(&self.python)
    }

    /// ` of experiment …`, where it is known.
    fn of_experiment(&self) -> String {
        self.experiment
            .as_ref()
            .map_or_else(String::new, |experiment| {
                format!(" of experiment `{experiment}`")
            })
    }

    fn check_codec(&self, payload: &Payload) -> Result<(), PythonError> {
        let codec = payload.codec.as_str();
        if CODECS.contains(&codec) || self.foreign_codec() == Some(codec) {
            return Ok(());
        }
        Err(PythonError::Codec {
            found: payload.codec.clone(),
        })
    }

    fn run_task(&self, input: &Artifact) -> Result<TaskResult, PythonError> {
        self.check_codec(&input.payload)?;
        let (id, population) = (input.header.primary_id, &input.header.population);
        let doing = format!("running task {id} (`{population}`){}", self.of_experiment());
        let (place, input_payload) = (self.place.clone(), input.payload.clone());
        let (payload, telemetry) = self.thread()?.call(doing, move |py, python| {
            let suite = python.suite(py);
            place.enter(suite)?;
            let Payload { codec, bytes } = input_payload;
            let arguments = (codec, PyBytes::new(py, &bytes));
            drop(bytes);
            let (codec, bytes, telemetry): (String, pyo3::Bound<'_, PyBytes>, String) =
                suite.call_method1("run", arguments)?.extract()?;
            let payload = Payload {
                codec,
                bytes: bytes.as_bytes().to_vec(),
            };
            drop(bytes);
            suite.call_method0("collect")?;
            Ok((payload, telemetry))
        })?;
        Ok(TaskResult {
            payload,
            summary: summary::of_task(&telemetry, id, population),
        })
    }
}

impl Engine for PythonEngine {
    fn name(&self) -> EngineName {
        EngineName::Python
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    /// Waits until Python has imported. Only ours when it couldn't, which the next call says.
    fn versions(&self) -> BTreeMap<String, String> {
        let imported = self.thread().and_then(|thread| {
            thread.call("saying its versions", |_, python| {
                Ok(python.versions().clone())
            })
        });
        let mut versions = imported.unwrap_or_default();
        versions.insert("epycloud".to_owned(), self.version());
        versions
    }

    /// Starts Python and returns while it imports.
    fn prepare(&self) {
        // What goes wrong is said by the first thing that needs it.
        let _ = self.thread();
    }

    fn foreign_codec(&self) -> Option<&'static str> {
        (self.trust == ArtifactTrust::Legacy).then_some(LEGACY_CODEC)
    }

    /// Asks the suite's loaders; what data the files name, the suite only finds out when it builds.
    fn check(
        &self,
        experiment: &ExperimentFiles,
        sources: &DataSources,
        _depth: CheckDepth,
    ) -> Result<Check, EngineFailure> {
        let place = Place::new(sources).map_err(EngineFailure::new)?;
        let thread = self.thread().map_err(EngineFailure::new)?;
        check::check(&thread, place, experiment).map_err(EngineFailure::new)
    }

    fn build(
        &self,
        experiment: &ExperimentFiles,
        sources: &DataSources,
    ) -> Result<Build, EngineFailure> {
        let place = Place::new(sources).map_err(EngineFailure::new)?;
        let thread = self.thread().map_err(EngineFailure::new)?;
        builder::build(&thread, place, experiment).map_err(EngineFailure::new)
    }

    /// Says nothing of its progress: the suite doesn't either.
    fn run(
        &self,
        input: &Artifact,
        _watch: &mut dyn TaskWatch,
    ) -> Result<TaskResult, EngineFailure> {
        self.run_task(input).map_err(EngineFailure::new)
    }

    fn output(
        &self,
        config: &Document,
        results: &mut dyn ResultStream,
        sink: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure> {
        output::output(self, config, results, sink)
    }
}

/// Stops what Python is doing, and everything it is asked later: each fails with
/// [`PythonError::Stopped`]. Native code isn't interrupted: the exception waits until it returns
/// to Python.
pub(super) fn stop(signal: StopSignal) {
    if let Some(thread) = PythonThread::running() {
        thread.stop(signal, STOP_WAIT);
    }
}
