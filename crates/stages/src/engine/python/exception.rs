//! Python exceptions as errors of ours: owned, so that they outlive the interpreter's objects.

use std::error::Error;
use std::fmt;

use pyo3::types::PyAnyMethods as _;
use pyo3::{Bound, PyErr, Python, types::PyModule};

/// An exception: its type and message, and behind it in the chain its traceback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonException {
    kind: String,
    message: String,
    traceback: Option<Traceback>,
}

/// The traceback of an exception, as Python prints it, with those of its causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traceback(String);

impl PythonException {
    /// Takes what there is to know from an exception. `bridge` describes it; without it, or when
    /// that fails too, there is no traceback.
    pub(super) fn new(py: Python<'_>, error: &PyErr, bridge: Option<&Bound<'_, PyModule>>) -> Self {
        let described = bridge.and_then(|bridge| {
            let value = error.value(py);
            if let Some(traceback) = error.traceback(py) {
                value.setattr("__traceback__", traceback).ok()?;
            }
            let described = bridge.call_method1("describe", (value,)).ok()?;
            described.extract::<(String, String, String)>().ok()
        });
        match described {
            Some((kind, message, traceback)) => Self {
                kind,
                message,
                traceback: Some(Traceback(traceback)),
            },
            None => Self {
                kind: error.get_type(py).to_string(),
                message: error.value(py).to_string(),
                traceback: None,
            },
        }
    }

    /// The exception's class, with its module unless that is `builtins`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it says.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The traceback, as Python prints it.
    #[must_use]
    pub fn traceback(&self) -> Option<&str> {
        self.traceback
            .as_ref()
            .map(|traceback| traceback.0.as_str())
    }
}

impl fmt::Display for PythonException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.is_empty() {
            true => f.write_str(&self.kind),
            false => write!(f, "{}: {}", self.kind, self.message),
        }
    }
}

impl Error for PythonException {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.traceback.as_ref().map(|traceback| traceback as _)
    }
}

impl fmt::Display for Traceback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Traceback {}

#[cfg(test)]
mod tests {
    use epycloud_errors::chain;

    use super::*;

    #[test]
    fn the_chain_has_the_message_and_then_the_traceback() {
        let exception = PythonException {
            kind: "RuntimeError".to_owned(),
            message: "no".to_owned(),
            traceback: Some(Traceback(
                "Traceback (most recent call last):\n  …".to_owned(),
            )),
        };
        assert_eq!(
            chain(&exception),
            [
                "RuntimeError: no",
                "Traceback (most recent call last):\n  …"
            ]
        );
    }
}
