//! What can go wrong with a store, and with which of its operations.

use std::time::Duration;

use object_store::Error;
use object_store::path::Path;

/// One of a store's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Reading an object or its metadata.
    Get,
    /// Writing an object at once.
    Put,
    /// Starting an object that comes in parts.
    Start,
    /// Sending one part.
    Part,
    /// Making the parts an object.
    Complete,
    /// Giving the parts up.
    Abort,
    /// Deleting an object.
    Delete,
    /// Listing.
    List,
    /// Copying or renaming an object.
    Copy,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The server answers 503 and does nothing.
    Unavailable,
    /// The operation takes effect, but its answer is lost (504).
    LostAnswer,
    /// The caller may not do this.
    Denied,
    /// There is no such object.
    NotFound,
    /// A body, or a list, ends with an error after so many bytes, or objects.
    Broken {
        /// How many bytes or objects come before.
        after: u64,
    },
    /// A body, or a list, ends after so many bytes, or objects, as if that were all.
    Truncated {
        /// How many bytes or objects come.
        after: u64,
    },
    /// One bit of a body is another.
    Corrupted {
        /// Which byte it is in.
        at: u64,
    },
    /// The answer is right, but late.
    Slow(Duration),
}

impl Fault {
    /// The error of a fault that keeps an operation from taking effect.
    pub(crate) fn error(&self, path: &Path) -> Option<Error> {
        let path = path.to_string();
        match self {
            Self::Unavailable => Some(status("503 Service Unavailable")),
            Self::Denied => Some(Error::PermissionDenied {
                path,
                source: "injected: 403 Forbidden".into(),
            }),
            Self::NotFound => Some(Error::NotFound {
                path,
                source: "injected: 404".into(),
            }),
            _ => None,
        }
    }
}

/// An error as object_store gives it once its own retries are used up.
pub(crate) fn status(status: &str) -> Error {
    let source =
        format!("injected: Server returned non-2xx status code: {status}: <Error></Error>");
    Error::Generic {
        store: "FaultStore",
        source: source.into(),
    }
}

/// A connection that broke.
pub(crate) fn broken() -> Error {
    let source = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "injected: reset");
    Error::Generic {
        store: "FaultStore",
        source: source.into(),
    }
}
