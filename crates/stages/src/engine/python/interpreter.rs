//! The interpreter, once it runs: our modules in it, the suite's versions, and how work in it
//! fails.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_long};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use pyo3::exceptions::PyModuleNotFoundError;
use pyo3::types::{PyAnyMethods as _, PyModule, PyType};
use pyo3::{Bound, Py, PyErr, PyResult, Python};
use tracing::{debug, info, level_filters::LevelFilter};

use super::environment::PythonEnvironment;
use super::error::PythonError;
use super::exception::PythonException;
use super::thread::{Failure, Shared, message};
use super::{bridge, ffi};

const BRIDGE: &CStr = c"epycloud_bridge";
const SUITE: &CStr = c"epycloud_suite";

/// The Python modules of ours, in the order in which they import each other.
const MODULES: [(&CStr, &CStr, &str); 5] = [
    (
        BRIDGE,
        c"<epycloud>/bridge.py",
        include_str!("support/bridge.py"),
    ),
    (
        c"epycloud_artifacts",
        c"<epycloud>/artifacts.py",
        include_str!("support/artifacts.py"),
    ),
    (
        c"epycloud_population",
        c"<epycloud>/population.py",
        include_str!("support/population.py"),
    ),
    (
        c"epycloud_repeatable",
        c"<epycloud>/repeatable.py",
        include_str!("support/repeatable.py"),
    ),
    (
        SUITE,
        c"<epycloud>/suite.py",
        include_str!("support/suite.py"),
    ),
];

/// The running interpreter with everything imported.
pub(super) struct Interpreter {
    bridge: Py<PyModule>,
    suite: Py<PyModule>,
    versions: BTreeMap<String, String>,
}

impl Interpreter {
    /// Starts Python, checks that it is the one that was asked for, and imports the suite.
    pub(super) fn start(
        python: &PythonEnvironment,
        shared: &Arc<Shared>,
    ) -> Result<Self, PythonError> {
        check_version(python)?;
        let begin = Instant::now();
        ffi::start(&python.executable).map_err(|message| PythonError::Start { message })?;
        let interpreter = Python::attach(|py| Self::set_up(py, python, shared))?;
        let versions = &interpreter.versions;
        info!(
            python = %python.executable.display(),
            origin = %python.origin,
            "Python {}, numpy {}, pandas {}, epydemix {}, epymodelingsuite {}",
            versions["python"],
            versions["numpy"],
            versions["pandas"],
            versions["epydemix"],
            versions["epymodelingsuite"],
        );
        debug!(
            "Python started and imported in {:.3} s",
            begin.elapsed().as_secs_f64()
        );
        Ok(interpreter)
    }

    fn set_up(
        py: Python<'_>,
        python: &PythonEnvironment,
        shared: &Arc<Shared>,
    ) -> Result<Self, PythonError> {
        let internal = |error: PyErr| PythonError::Start {
            message: PythonException::new(py, &error, None).to_string(),
        };
        verify(py, python)?;
        let mut modules = MODULES
            .iter()
            .map(|(name, file, code)| load(py, name, file, code));
        let bridge = match modules.next() {
            Some(module) => module.map_err(internal)?,
            None => {
                return Err(PythonError::Start {
                    message: "it has no modules".to_owned(),
                });
            }
        };
        bridge::install(py, &bridge, shared, logging_level()).map_err(internal)?;
        shared.set_ident(thread_ident(py).map_err(internal)?);
        let mut suite = bridge.clone();
        for module in modules {
            suite = module.map_err(internal)?;
        }
        let versions = suite
            .call_method0("prepare")
            .and_then(|versions| versions.extract())
            .map_err(|error| import_error(py, &error, &bridge, python))?;
        Ok(Self {
            bridge: bridge.unbind(),
            suite: suite.unbind(),
            versions,
        })
    }

    /// Versions of Python and of the packages that do the modelling.
    pub(super) fn versions(&self) -> &BTreeMap<String, String> {
        &self.versions
    }

    /// Our module that calls the suite.
    pub(super) fn suite<'py>(&self, py: Python<'py>) -> &Bound<'py, PyModule> {
        self.suite.bind(py)
    }

    /// Does some work in Python and says what became of it.
    pub(super) fn run<R>(
        &self,
        shared: &Shared,
        doing: &str,
        work: impl FnOnce(Python<'_>, &Self) -> Result<R, Failure>,
    ) -> Result<R, PythonError> {
        if let Some(signal) = shared.stopped() {
            return Err(PythonError::Stopped { signal });
        }
        let attached = || {
            Python::attach(|py| {
                let result =
                    work(py, self).map_err(|failure| self.explain(py, shared, doing, failure));
                // What it printed without a line end belongs to it, not to the next.
                let _ = self.bridge.bind(py).call_method0("finish");
                result
            })
        };
        catch_unwind(AssertUnwindSafe(attached)).unwrap_or_else(|panic| {
            Err(PythonError::Thread {
                message: message(panic.as_ref()),
            })
        })
    }

    fn explain(
        &self,
        py: Python<'_>,
        shared: &Shared,
        doing: &str,
        failure: Failure,
    ) -> PythonError {
        match (failure, shared.stopped()) {
            // Whatever it raised on the way out.
            (Failure::Raised(_), Some(signal)) => PythonError::Stopped { signal },
            (Failure::Raised(error), None) => PythonError::Raised {
                doing: doing.to_owned(),
                source: PythonException::new(py, &error, Some(self.bridge.bind(py))),
            },
            (Failure::Other(error), _) => error,
        }
    }

    /// Has the thread raise the exception that stops what it is doing.
    pub(super) fn raise_stopped(py: Python<'_>, thread: c_long) {
        let class = py
            .import("epycloud_bridge")
            .and_then(|bridge| bridge.getattr("Stopped"))
            .and_then(|class| Ok(class.cast_into::<PyType>()?));
        if let Ok(class) = class {
            ffi::raise_in_thread(thread, &class);
        }
    }
}

/// A virtual environment is for one minor version of Python: its packages have compiled parts.
fn check_version(python: &PythonEnvironment) -> Result<(), PythonError> {
    let embedded = ffi::linked_version();
    let minor = |version: &str| {
        version
            .split('.')
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if minor(&python.version) == minor(&embedded) {
        return Ok(());
    }
    Err(PythonError::Version {
        python: python.executable.clone(),
        found: python.version.clone(),
        embedded: minor(&embedded).join("."),
    })
}

/// A missing or broken virtual environment is accepted silently at the start, so it is looked at
/// afterwards.
fn verify(py: Python<'_>, python: &PythonEnvironment) -> Result<(), PythonError> {
    let sys = |name: &str| -> PyResult<String> { py.import("sys")?.getattr(name)?.extract() };
    for (name, what, expected) in [
        ("executable", "sys.executable", &python.executable),
        ("prefix", "sys.prefix", &python.prefix),
    ] {
        let found = sys(name).map_err(|error| PythonError::Start {
            message: error.to_string(),
        })?;
        if !same_path(Path::new(&found), expected) {
            return Err(PythonError::OtherEnvironment {
                what,
                found,
                expected: expected.display().to_string(),
            });
        }
    }
    Ok(())
}

fn same_path(found: &Path, expected: &Path) -> bool {
    found == expected
        || matches!((found.canonicalize(), expected.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn load<'py>(
    py: Python<'py>,
    name: &CStr,
    file: &CStr,
    code: &str,
) -> PyResult<Bound<'py, PyModule>> {
    let code = std::ffi::CString::new(code)?;
    PyModule::from_code(py, &code, file, name)
}

fn import_error(
    py: Python<'_>,
    error: &PyErr,
    bridge: &Bound<'_, PyModule>,
    python: &PythonEnvironment,
) -> PythonError {
    let source = PythonException::new(py, error, Some(bridge));
    let missing = error.is_instance_of::<PyModuleNotFoundError>(py).then(|| {
        error
            .value(py)
            .getattr("name")
            .and_then(|name| name.extract::<String>())
            .ok()
    });
    match missing.flatten() {
        Some(name) => PythonError::MissingPackage {
            package: name.split('.').next().unwrap_or_default().to_owned(),
            prefix: python.prefix.clone(),
            source,
        },
        None => PythonError::Import { source },
    }
}

fn thread_ident(py: Python<'_>) -> PyResult<c_long> {
    py.import("threading")?.call_method0("get_ident")?.extract()
}

/// The least level that anybody listens to, as a number of Python's `logging`.
fn logging_level() -> u8 {
    match LevelFilter::current() {
        LevelFilter::OFF | LevelFilter::ERROR => 40,
        LevelFilter::WARN => 30,
        LevelFilter::INFO => 20,
        _ => 10,
    }
}
