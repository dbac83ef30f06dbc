//! Stage C: results go in one by one, files come out in pieces.
//!
//! The suite pulls results from Python's thread; they are read on the caller's, one ahead, so
//! that the next is there when the suite asks for it, and never more than that are in memory.

use std::sync::mpsc::{Sender, channel};

use epycloud_config::yaml::Document;
use pyo3::exceptions::PyRuntimeError;
use pyo3::types::{PyAnyMethods as _, PyBytes, PyBytesMethods as _, PyCFunction, PyDict, PyTuple};
use pyo3::{Bound, Py, PyResult, Python};
use tracing::info;

use super::super::{EngineFailure, FileSink, OutputSummary, ResultStream};
use super::PythonEngine;
use crate::artifact::Payload;

/// What Python's thread asks for. An answer that doesn't come means that the stage has given up.
enum Request {
    /// The next result.
    Next(Sender<Option<Payload>>),
    /// To append to a file.
    Write {
        file: String,
        bytes: Vec<u8>,
        stored: Sender<()>,
    },
    /// Nothing: it has ended.
    Done,
}

pub(super) fn output(
    engine: &PythonEngine,
    config: &Document,
    results: &mut dyn ResultStream,
    sink: &mut dyn FileSink,
) -> Result<OutputSummary, EngineFailure> {
    let (requests, received) = channel();
    let done = requests.clone();
    let (place, path) = (engine.place.clone(), engine.place.resolve(&config.file));
    let doing = format!("writing the outputs{}", engine.of_experiment());
    let thread = engine.thread().map_err(EngineFailure::new)?;
    let pending = thread.send(doing, move |py, python| {
        let _done = OnDrop(done);
        let suite = python.suite(py);
        place.enter(suite)?;
        let next = next_result(py, requests.clone())?;
        let write = write_file(py, requests)?;
        let skipped: u32 = suite
            .call_method1("output", (path, next, write))?
            .extract()?;
        suite.call_method0("collect")?;
        Ok(skipped)
    });
    let mut service = Service {
        engine,
        results,
        sink,
        ahead: None,
        ended: false,
        wrote: false,
    };
    let served = service.serve(&received);
    // Whoever still asks is told that nobody answers any more.
    drop(received);
    let wrote = service.wrote;
    let outcome = pending.wait();
    served?;
    let skipped = outcome.map_err(EngineFailure::new)?;
    Ok(OutputSummary {
        warnings: warnings(skipped, wrote),
        headline: Vec::new(),
    })
}

fn warnings(skipped: u32, wrote: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if skipped > 0 {
        info!(
            skipped,
            "left out {skipped} outputs that are kept in memory only"
        );
    }
    if !wrote {
        let hint = if skipped > 0 {
            "; set `tabular_output_types: [CSVBytes]` in the output configuration to have files"
        } else {
            ""
        };
        warnings.push(format!(
            "the suite made no output file ({skipped} outputs are kept in memory only){hint}"
        ));
    }
    warnings
}

/// Answers Python's thread on the stage's.
struct Service<'a> {
    engine: &'a PythonEngine,
    results: &'a mut dyn ResultStream,
    sink: &'a mut dyn FileSink,
    ahead: Option<Payload>,
    ended: bool,
    wrote: bool,
}

impl Service<'_> {
    fn serve(
        &mut self,
        received: &std::sync::mpsc::Receiver<Request>,
    ) -> Result<(), EngineFailure> {
        self.read_ahead()?;
        while let Ok(request) = received.recv() {
            match request {
                Request::Next(reply) => {
                    let _ = reply.send(self.ahead.take());
                    self.read_ahead()?;
                }
                Request::Write {
                    file,
                    bytes,
                    stored,
                } => {
                    self.wrote = true;
                    self.sink.write(&file, bytes)?;
                    let _ = stored.send(());
                }
                Request::Done => break,
            }
        }
        Ok(())
    }

    fn read_ahead(&mut self) -> Result<(), EngineFailure> {
        if self.ended {
            return Ok(());
        }
        match self.results.next()? {
            Some(artifact) => {
                self.engine
                    .check_codec(&artifact.payload)
                    .map_err(EngineFailure::new)?;
                self.ahead = Some(artifact.payload);
            }
            None => self.ended = true,
        }
        Ok(())
    }
}

/// Says that the work has ended, however it did.
struct OnDrop(Sender<Request>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(Request::Done);
    }
}

fn gave_up() -> pyo3::PyErr {
    PyRuntimeError::new_err("the stage has given up")
}

type Arguments<'a, 'py> = &'a Bound<'py, PyTuple>;

/// `next_result()`: codec and bytes of the next result, or `None`.
fn next_result<'py>(
    py: Python<'py>,
    requests: Sender<Request>,
) -> PyResult<Bound<'py, PyCFunction>> {
    let function = move |arguments: Arguments<'_, '_>,
                         _: Option<&Bound<'_, PyDict>>|
          -> PyResult<Option<(String, Py<PyBytes>)>> {
        let py = arguments.py();
        let answer = py.detach(|| {
            let (reply, answer) = channel();
            requests.send(Request::Next(reply)).ok()?;
            answer.recv().ok()
        });
        let payload = answer.ok_or_else(gave_up)?;
        Ok(payload.map(|payload| (payload.codec, PyBytes::new(py, &payload.bytes).unbind())))
    };
    PyCFunction::new_closure(py, Some(c"next_result"), None, function)
}

/// `write(name, bytes)`: appends to a file, and returns when it is stored.
fn write_file<'py>(
    py: Python<'py>,
    requests: Sender<Request>,
) -> PyResult<Bound<'py, PyCFunction>> {
    let function =
        move |arguments: Arguments<'_, '_>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
            let (file, bytes): (String, Bound<'_, PyBytes>) = arguments.extract()?;
            let bytes = bytes.as_bytes().to_vec();
            arguments
                .py()
                .detach(|| {
                    let (stored, answer) = channel();
                    requests
                        .send(Request::Write {
                            file,
                            bytes,
                            stored,
                        })
                        .ok()?;
                    answer.recv().ok()
                })
                .ok_or_else(gave_up)
        };
    PyCFunction::new_closure(py, Some(c"write"), None, function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_files_says_why() {
        assert_eq!(warnings(0, true), Vec::<String>::new());
        assert_eq!(warnings(3, true), Vec::<String>::new());
        assert!(warnings(3, false)[0].contains("tabular_output_types"));
        assert!(!warnings(0, false)[0].contains("tabular_output_types"));
    }
}
