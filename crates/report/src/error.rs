//! Why there is no report.

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_storage::StorageError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run has no record.
    #[error("`{path}` is not there: nothing is known of this run")]
    NoRecord {
        /// Where the record should be.
        path: String,
    },
    /// The storage refuses.
    #[error("could not {doing}")]
    Storage {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: StorageError,
    },
}

impl Diagnose for ReportError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoRecord { .. } => ExitCode::Usage,
            Self::Storage { source, .. } => source.exit_code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoRecord { .. } => Some("`epycloud run workflow` keeps a record".to_owned()),
            Self::Storage { source, .. } => source.hint(),
        }
    }
}
