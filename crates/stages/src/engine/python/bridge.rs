//! Python's log records, warnings and printed lines as tracing events.

use std::sync::Arc;

use pyo3::types::{PyAnyMethods as _, PyCFunction, PyDict, PyModule, PyTuple};
use pyo3::{Bound, PyResult, Python};
use tracing::{debug, error, info, warn};

use super::thread::Shared;

/// Installs what `support/bridge.py` has; `level` is the least that is handed on.
pub(super) fn install(
    py: Python<'_>,
    bridge: &Bound<'_, PyModule>,
    shared: &Arc<Shared>,
    level: u8,
) -> PyResult<()> {
    let shared = Arc::clone(shared);
    let emit =
        move |arguments: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
            let record: Record = arguments.extract()?;
            shared.in_span(|| log(&record));
            Ok(())
        };
    let emit = PyCFunction::new_closure(py, Some(c"emit"), None, emit)?;
    bridge.call_method1("install", (emit, level))?;
    Ok(())
}

/// Level (a number of Python's `logging`), logger, message, exception's traceback, file and line.
type Record = (i64, String, String, Option<String>, Option<String>);

fn log((level, logger, message, exception, location): &Record) {
    let (exception, location) = (exception.as_deref(), location.as_deref());
    let message = message.trim_end();
    macro_rules! event {
        ($level:ident) => {
            $level!(target: "epycloud::python", logger, exception, location, "{message}")
        };
    }
    match level {
        40.. => event!(error),
        30..40 => event!(warn),
        20..30 => event!(info),
        _ => event!(debug),
    }
}
