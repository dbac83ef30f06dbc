//! One thing wrong with a configuration file: where, what was found, what was expected.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// It can be used, but something in it probably isn't meant.
    Warning,
}

/// One thing wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: PathBuf,
    /// Line, from 1; 0 when the fault is the whole file's.
    pub line: usize,
    /// Column, from 1; 0 when the fault is the whole file's.
    pub column: usize,
    /// Path in the document, such as `model.compartments[2].init`; empty for the whole document.
    pub path: String,
    /// What is wrong, as a lowercase fragment with the value in backticks.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// The value that was found, as messages show it; `None` where the fault isn't about a value.
    pub value: Option<String>,
    /// What would have been right, where that can be said in a phrase.
    pub expected: Option<String>,
    /// The limit of the native engine that it is, by its name in that engine's table; such a
    /// configuration isn't wrong, and another engine may take it.
    pub limit: Option<&'static str>,
}

impl Fault {
    /// Whether the configuration can't be used because of it, by any engine.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error && self.limit.is_none()
    }
}

impl fmt::Display for Fault {
    /// `file:line:column: path: message (hint)`, leaving out what is absent; a warning says that
    /// it is one, unless the format is the alternate one (`{:#}`), for where that is said already.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        f.write_str(": ")?;
        if self.severity == Severity::Warning && !f.alternate() {
            f.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}
