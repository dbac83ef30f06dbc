//! What can go wrong in the python engine.

use std::path::PathBuf;
use std::sync::Arc;

use epycloud_errors::{Diagnose, ExitCode};

use super::super::StopSignal;
use super::exception::PythonException;

/// What can go wrong in the python engine.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// There is no Python.
    #[error("no Python was found")]
    NotFound,
    /// The Python that was named or found can't be used.
    #[error("`{python}` ({origin}) {reason}", python = .python.display())]
    Environment {
        /// Its interpreter.
        python: PathBuf,
        /// How it was found.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The Python is of another version than the one built in.
    #[error(
        "`{python}` is Python {found}, and this program embeds Python {embedded}",
        python = .python.display()
    )]
    Version {
        /// Its interpreter.
        python: PathBuf,
        /// Its version.
        found: String,
        /// The version that is linked.
        embedded: String,
    },
    /// The interpreter doesn't start.
    #[error("Python did not start: {message}")]
    Start {
        /// What it says.
        message: String,
    },
    /// The interpreter that has started isn't the one that was asked for.
    #[error("`{what}` is `{found}`, expected `{expected}`")]
    OtherEnvironment {
        /// `sys.executable` or `sys.prefix`.
        what: &'static str,
        /// As it is.
        found: String,
        /// As it was asked for.
        expected: String,
    },
    /// A process has one interpreter, and it is another one's.
    #[error(
        "this process has started `{started}` already and can't start `{asked}` besides",
        started = .started.display(), asked = .asked.display()
    )]
    SecondInterpreter {
        /// The one that runs.
        started: PathBuf,
        /// The one asked for.
        asked: PathBuf,
    },
    /// A package that the engine needs isn't installed.
    #[error("the Python package `{package}` is not installed in `{prefix}`", prefix = .prefix.display())]
    MissingPackage {
        /// The package.
        package: String,
        /// The environment.
        prefix: PathBuf,
        /// What Python says.
        #[source]
        source: PythonException,
    },
    /// The packages are there and can't be imported.
    #[error("could not import the modelling suite")]
    Import {
        /// Why.
        #[source]
        source: PythonException,
    },
    /// The engine couldn't start; said again to everyone who asks it for something.
    #[error("the python engine could not start")]
    NotStarted {
        /// Why.
        #[source]
        source: Arc<PythonError>,
    },
    /// Python code raised an exception.
    #[error("Python raised an exception while {doing}")]
    Raised {
        /// What it was doing.
        doing: String,
        /// The exception.
        #[source]
        source: PythonException,
    },
    /// The process was asked to stop.
    #[error("stopped by {signal}")]
    Stopped {
        /// How.
        signal: StopSignal,
    },
    /// The interpreter's thread has ended.
    #[error("a bug: the interpreter's thread has stopped: {message}")]
    Thread {
        /// What its panic said.
        message: String,
    },
    /// An artifact isn't this engine's.
    #[error("has a payload in the form `{found}`, which the python engine does not read")]
    Codec {
        /// The form.
        found: String,
    },
    /// The suite returned something else than its known versions do.
    #[error("the suite's {what} isn't as expected")]
    Shape {
        /// What.
        what: &'static str,
        /// How it differs.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A folder can't be used.
    #[error("`{folder}` {reason}", folder = .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file can't be read.
    #[error("could not use the file `{path}`", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Diagnose for PythonError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NotFound
            | Self::Environment { .. }
            | Self::Version { .. }
            | Self::MissingPackage { .. }
            | Self::Folder { .. } => ExitCode::Usage,
            Self::NotStarted { source } => source.exit_code(),
            Self::Stopped { signal } => signal.exit_code(),
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound => Some(
                "set `EPYCLOUD_PYTHON` to the python of the virtual environment that has \
                 epymodelingsuite"
                    .to_owned(),
            ),
            Self::Environment { .. } => Some(
                "make the virtual environment again (`python3 -m venv DIR`), or set \
                 `EPYCLOUD_PYTHON` to the python of one that works"
                    .to_owned(),
            ),
            Self::Version { embedded, .. } => Some(format!(
                "make a virtual environment with Python {embedded}, or build epycloud with \
                 `PYO3_PYTHON` set to this python"
            )),
            Self::MissingPackage {
                package, prefix, ..
            } => {
                let python = prefix.join("bin/python");
                let source = match package.as_str() {
                    "epymodelingsuite" => "git+https://github.com/mobs-lab/epymodelingsuite",
                    package => package,
                };
                Some(format!(
                    "install it (`{} -m pip install {source}`), or set `EPYCLOUD_PYTHON` to the \
                     python of an environment that has it",
                    python.display()
                ))
            }
            Self::NotStarted { source } => source.hint(),
            Self::Stopped { .. } => Some("nothing is half written; run it again".to_owned()),
            Self::Raised { source, .. } => hint_for(source),
            Self::Codec { .. } => Some("run it with the engine that the artifact names".to_owned()),
            _ => None,
        }
    }
}

/// Exceptions whose cause is known.
fn hint_for(exception: &PythonException) -> Option<String> {
    let message = exception.message();
    match exception.kind() {
        "ModuleNotFoundError" if message.contains("'dill'") => {
            Some("artifacts of the original pipeline need dill: `pip install dill`".to_owned())
        }
        "ModuleNotFoundError" => Some(
            "modules of an experiment are looked for in the forecast repository's root".to_owned(),
        ),
        _ => None,
    }
}
