//! Stage A: the suite builds the tasks, which are pickled one by one as they are asked for.

use std::path::PathBuf;
use std::sync::Arc;

use epycloud_config::yaml::Document;
use epycloud_config::{ExperimentFiles, ModelsetKind};
use pyo3::types::{PyAnyMethods as _, PyBytes, PyBytesMethods as _, PyDict, PyList};
use pyo3::{Bound, Py, Python};

use super::super::{Build, BuiltTask, EngineFailure};
use super::error::PythonError;
use super::interpreter::Interpreter;
use super::place::Place;
use super::summary;
use super::thread::{Failure, Pending, PythonThread};
use crate::artifact::Payload;

pub(super) fn build(
    thread: &Arc<PythonThread>,
    place: Place,
    experiment: &ExperimentFiles,
) -> Result<Build, PythonError> {
    let files = files(&place, experiment);
    let doing = format!("building experiment `{}`", experiment.exp_id);
    let (tasks, n, telemetry, workflow) = thread.call(doing.clone(), move |py, python| {
        let suite = python.suite(py);
        place.enter(suite)?;
        let paths = PyDict::new(py);
        for (kind, path) in files {
            paths.set_item(kind, path)?;
        }
        let built = suite.call_method1("build", (paths,))?;
        let (tasks, telemetry, workflow): (Bound<'_, PyList>, String, String) = built.extract()?;
        let n = tasks.len()?;
        Ok((tasks.unbind(), n, telemetry, workflow))
    })?;
    let (configuration, warnings) = summary::of_builder(&telemetry)?;
    let n = u32::try_from(n).map_err(|error| PythonError::Shape {
        what: "number of tasks",
        source: Box::new(error),
    })?;
    let tasks = Tasks {
        thread: Arc::clone(thread),
        tasks: Some(Arc::new(tasks)),
        doing,
        n,
        next: 0,
        pending: None,
    };
    Ok(Build {
        workflow,
        n,
        tasks: Box::new(tasks),
        configuration,
        warnings,
    })
}

/// The files that the suite reads, by the kind of configuration that it takes them for.
pub(super) fn files(place: &Place, experiment: &ExperimentFiles) -> Vec<(&'static str, PathBuf)> {
    let path = |document: &Document| place.resolve(&document.file);
    let mut files = vec![("base_model", path(&experiment.base_model))];
    if let Some(modelset) = &experiment.modelset {
        let kind = match modelset.kind {
            ModelsetKind::Calibration => "calibration",
            // The suite takes several populations for a sampling without parameters.
            ModelsetKind::Sampling | ModelsetKind::Populations => "sampling",
        };
        files.push((kind, path(&modelset.document)));
    }
    files.extend(
        experiment
            .output
            .as_ref()
            .map(|output| ("output", path(output))),
    );
    files
}

/// The tasks of an experiment. While one is stored, the next is pickled.
struct Tasks {
    thread: Arc<PythonThread>,
    tasks: Option<Arc<Py<PyList>>>,
    doing: String,
    n: u32,
    next: u32,
    pending: Option<Pending<BuiltTask>>,
}

impl Tasks {
    fn pickle_next(&mut self) -> Option<Pending<BuiltTask>> {
        let (index, tasks) = (self.next, Arc::clone(self.tasks.as_ref()?));
        if index == self.n {
            return None;
        }
        self.next += 1;
        let doing = format!("storing task {index} after {}", self.doing);
        Some(
            self.thread
                .send(doing, move |py, python| pickle(py, python, &tasks, index)),
        )
    }
}

impl Iterator for Tasks {
    type Item = Result<BuiltTask, EngineFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        let current = match self.pending.take() {
            Some(pending) => pending,
            None => self.pickle_next()?,
        };
        let current = current.wait();
        self.pending = if current.is_ok() {
            self.pickle_next()
        } else {
            None
        };
        Some(current.map_err(EngineFailure::new))
    }
}

impl Drop for Tasks {
    /// Python's objects are let go of on Python's thread.
    fn drop(&mut self) {
        let tasks = self.tasks.take();
        drop(self.thread.send("letting go of tasks", move |_, python| {
            drop(tasks);
            let _ = python;
            Ok(())
        }));
    }
}

fn pickle(
    py: Python<'_>,
    python: &Interpreter,
    tasks: &Py<PyList>,
    index: u32,
) -> Result<BuiltTask, Failure> {
    type Stored<'py> = (
        u32,
        String,
        Option<u64>,
        Option<f64>,
        String,
        Bound<'py, PyBytes>,
    );
    let stored = python
        .suite(py)
        .call_method1("pickle_task", (tasks.bind(py), index))?;
    let (primary_id, population, seed, delta_t, codec, bytes): Stored<'_> = stored.extract()?;
    let payload = Payload {
        codec,
        bytes: bytes.as_bytes().to_vec(),
    };
    Ok(BuiltTask {
        primary_id,
        population,
        seed,
        delta_t,
        payload,
    })
}
