//! An experiment that can't be run as it is written.

use std::fmt;

use epycloud_config::{Fault, Severity};
use epycloud_errors::{Diagnose, ExitCode};

/// Everything that is wrong with an experiment, warnings included. Its text is one line a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidExperiment {
    faults: Vec<Fault>,
}

impl InvalidExperiment {
    /// Sorts the faults by file and line.
    #[must_use]
    pub fn new(mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|a, b| {
            (&a.file, a.line, a.column, &a.path).cmp(&(&b.file, b.line, b.column, &b.path))
        });
        Self { faults }
    }

    /// The faults by file and line.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for InvalidExperiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidExperiment {}

impl Diagnose for InvalidExperiment {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// The warnings, or everything when there is an error among them.
pub(super) fn warnings_or_invalid(faults: Vec<Fault>) -> Result<Vec<Fault>, InvalidExperiment> {
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(InvalidExperiment::new(faults));
    }
    Ok(faults)
}
