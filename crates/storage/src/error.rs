//! What can go wrong with a storage, told apart by what its caller should do.

use std::error::Error;
use std::fmt;

use epycloud_errors::{Diagnose, ExitCode};

use crate::InvalidStoragePath;

/// The error below.
pub type Cause = Box<dyn Error + Send + Sync>;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reading one object.
    Read,
    /// Writing one object.
    Write,
    /// Listing objects.
    List,
    /// Deleting one object.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
            Self::Delete => "delete",
        })
    }
}

/// What went wrong with a storage. `path` is where, in full: a file's path or a URL.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// There is nothing of that name.
    #[error("`{path}` is not there")]
    Missing {
        /// Where.
        path: String,
    },
    /// It is there, but its content can't be right.
    #[error("`{path}` is corrupt: {reason}")]
    Corrupt {
        /// Where.
        path: String,
        /// What gave it away.
        reason: String,
    },
    /// It is, or unpacks to, more than the caller takes.
    #[error("`{path}` is larger than the {limit} bytes that are read at most")]
    TooLarge {
        /// Where.
        path: String,
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// The caller may not do this.
    #[error("not allowed to {action} `{path}`")]
    Denied {
        /// What was tried.
        action: Action,
        /// Where.
        path: String,
        /// What the backend said.
        #[source]
        source: Cause,
    },
    /// It failed in a way that may pass by itself.
    #[error("could not {action} `{path}` for the moment")]
    Temporary {
        /// What was tried.
        action: Action,
        /// Where.
        path: String,
        /// What the backend said.
        #[source]
        source: Cause,
    },
    /// It failed, and trying again as it is won't help.
    #[error("could not {action} `{path}`")]
    Failed {
        /// What was tried.
        action: Action,
        /// Where.
        path: String,
        /// What can be done about it.
        hint: Option<&'static str>,
        /// What the backend said.
        #[source]
        source: Cause,
    },
    /// The value can't be written as JSON.
    #[error("can't write `{path}` as JSON")]
    Unserializable {
        /// Where it was meant to go.
        path: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A text is no path in a storage.
    #[error(transparent)]
    Path(#[from] InvalidStoragePath),
    /// A URL that no backend here opens.
    #[error("can't open `{url}`: {reason}")]
    Unsupported {
        /// The URL.
        url: String,
        /// Why not.
        reason: String,
        /// What can be done about it.
        hint: Option<&'static str>,
    },
}

impl StorageError {
    /// Whether there is nothing of that name.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    /// Whether trying again may help.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Temporary { .. })
    }
}

impl Diagnose for StorageError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Temporary { .. } => ExitCode::Temporary,
            Self::Path(_) | Self::Unsupported { .. } => ExitCode::Usage,
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Failed { hint, .. } | Self::Unsupported { hint, .. } => *hint,
            Self::Temporary { .. } => Some("try again; what was written before is still there"),
            Self::Denied { .. } => {
                Some("check the owner and mode of the folder, or the account's role on the bucket")
            }
            Self::Corrupt { .. } => Some("delete it and run the stage that writes it again"),
            _ => None,
        };
        hint.map(str::to_owned)
    }
}
