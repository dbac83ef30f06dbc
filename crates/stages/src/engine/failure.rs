//! A failure inside an engine, whatever the engine's own error type is.

use std::error::Error;
use std::fmt;

use epycloud_errors::{Diagnose, ExitCode, Report};

/// A failure inside an engine: shows, explains and counts as the error it was made from.
#[derive(Debug)]
pub struct EngineFailure(Report);

impl EngineFailure {
    /// Takes an engine's error with the exit code and the hint it declares.
    #[must_use]
    pub fn new<E: Diagnose + Send + Sync + 'static>(error: E) -> Self {
        Self(Report::new(error))
    }

    /// The error itself.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.0.error()
    }
}

impl fmt::Display for EngineFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.error(), f)
    }
}

impl Error for EngineFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.error().source()
    }
}

impl Diagnose for EngineFailure {
    fn exit_code(&self) -> ExitCode {
        self.0.exit_code()
    }

    fn hint(&self) -> Option<String> {
        self.0.hint().map(str::to_owned)
    }
}
