//! Which of our errors a backend's error is.

use std::error::Error;
use std::io;

use crate::{Action, Cause, StorageError};

/// What was tried, and where.
pub(crate) struct Subject {
    pub(crate) action: Action,
    pub(crate) path: String,
}

/// What an error means for its caller.
#[derive(Clone, Copy)]
enum Meaning {
    Missing,
    Denied,
    Temporary,
    Failed(Option<&'static str>),
}

/// The error that a caller gets for a backend's.
pub(crate) fn explain(subject: Subject, error: object_store::Error) -> StorageError {
    use object_store::Error as Store;

    let known = match &error {
        Store::NotFound { .. } => Some(not_found(subject.action)),
        Store::PermissionDenied { .. } | Store::Unauthenticated { .. } => Some(Meaning::Denied),
        Store::Generic { .. } => None,
        _ => Some(Meaning::Failed(None)),
    };
    let cause = unwrapped(error);
    let meaning = known.unwrap_or_else(|| meaning_of(subject.action, cause.as_ref()));
    build(subject, meaning, cause)
}

/// The error of something that may well work when it is tried again.
pub(crate) fn temporary(subject: Subject, cause: impl Into<Cause>) -> StorageError {
    build(subject, Meaning::Temporary, cause.into())
}

fn build(subject: Subject, meaning: Meaning, source: Cause) -> StorageError {
    let Subject { action, path } = subject;
    match meaning {
        Meaning::Missing => StorageError::Missing { path },
        Meaning::Denied => StorageError::Denied {
            action,
            path,
            source,
        },
        Meaning::Temporary => StorageError::Temporary {
            action,
            path,
            source,
        },
        Meaning::Failed(hint) => StorageError::Failed {
            action,
            path,
            hint,
            source,
        },
    }
}

/// The error inside object_store's, whose own text repeats it.
fn unwrapped(error: object_store::Error) -> Cause {
    use object_store::Error as Store;

    match error {
        Store::Generic { source, .. }
        | Store::NotFound { source, .. }
        | Store::PermissionDenied { source, .. }
        | Store::Unauthenticated { source, .. } => source,
        other => Box::new(other),
    }
}

/// For a write, what isn't there is the bucket or a folder on the way.
const fn not_found(action: Action) -> Meaning {
    match action {
        Action::Read | Action::Delete => Meaning::Missing,
        Action::Write | Action::List => Meaning::Failed(Some("check that the bucket exists")),
    }
}

fn meaning_of(action: Action, cause: &(dyn Error + 'static)) -> Meaning {
    let mut link = Some(cause);
    while let Some(error) = link {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return meaning_of_io(action, error);
        }
        if is_broken_exchange(error) {
            return Meaning::Temporary;
        }
        if let Some(status) = http_status(&error.to_string()) {
            return meaning_of_status(status);
        }
        link = error.source();
    }
    Meaning::Failed(None)
}

/// Whether a request or its answer broke off, or never came.
#[cfg(feature = "http")]
fn is_broken_exchange(error: &(dyn Error + 'static)) -> bool {
    use object_store::client::{HttpError, HttpErrorKind as Kind};

    // What is `Unknown` to object_store may be an I/O error further down.
    error
        .downcast_ref::<HttpError>()
        .is_some_and(|error| !matches!(error.kind(), Kind::Unknown))
}

#[cfg(not(feature = "http"))]
fn is_broken_exchange(_: &(dyn Error + 'static)) -> bool {
    false
}

fn meaning_of_io(action: Action, error: &io::Error) -> Meaning {
    use io::ErrorKind as Kind;

    match error.kind() {
        Kind::NotFound => return not_found(action),
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => return Meaning::Denied,
        Kind::StorageFull | Kind::QuotaExceeded => {
            return Meaning::Failed(Some("the disk or the quota is full: free some room"));
        }
        Kind::IsADirectory | Kind::NotADirectory | Kind::DirectoryNotEmpty => {
            return Meaning::Failed(Some(
                "a folder and a file would have the same name: remove one of them",
            ));
        }
        Kind::Interrupted
        | Kind::TimedOut
        | Kind::WouldBlock
        | Kind::ResourceBusy
        | Kind::BrokenPipe
        | Kind::ConnectionAborted
        | Kind::ConnectionRefused
        | Kind::ConnectionReset
        | Kind::NotConnected
        | Kind::NetworkDown
        | Kind::NetworkUnreachable
        | Kind::HostUnreachable
        | Kind::StaleNetworkFileHandle
        | Kind::UnexpectedEof
        | Kind::OutOfMemory => return Meaning::Temporary,
        _ => {}
    }
    use rustix::io::Errno;
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        // A network file system's way to say that its server is away; a broken disk's, too, but
        // then the second try fails as well.
        Some(Errno::IO) => Meaning::Temporary,
        Some(Errno::MFILE | Errno::NFILE) => Meaning::Temporary,
        _ => Meaning::Failed(None),
    }
}

/// The status that object_store writes into its text once its own retries are used up.
fn http_status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

const fn meaning_of_status(status: u16) -> Meaning {
    match status {
        401 | 403 => Meaning::Denied,
        408 | 425 | 429 | 500 | 502..=504 => Meaning::Temporary,
        _ => Meaning::Failed(None),
    }
}

#[cfg(test)]
mod tests {
    use epycloud_errors::{Diagnose, ExitCode, chain};

    use super::*;

    fn read() -> Subject {
        Subject {
            action: Action::Read,
            path: "gs://b/a".into(),
        }
    }

    fn generic(source: impl Into<Cause>) -> object_store::Error {
        object_store::Error::Generic {
            store: "test",
            source: source.into(),
        }
    }

    fn name(error: &StorageError) -> &'static str {
        match error {
            StorageError::Missing { .. } => "missing",
            StorageError::Denied { .. } => "denied",
            StorageError::Temporary { .. } => "temporary",
            StorageError::Failed { .. } => "failed",
            _ => "other",
        }
    }

    fn system(errno: rustix::io::Errno) -> StorageError {
        explain(read(), generic(io::Error::from(errno)))
    }

    #[test]
    fn system_errors_are_told_apart() {
        use rustix::io::Errno;
        let table = [
            (Errno::NOENT, "missing"),
            (Errno::ACCESS, "denied"),
            (Errno::PERM, "denied"),
            (Errno::ROFS, "denied"),
            (Errno::NOSPC, "failed"),
            (Errno::DQUOT, "failed"),
            (Errno::INTR, "temporary"),
            (Errno::IO, "temporary"),
            (Errno::TIMEDOUT, "temporary"),
            (Errno::STALE, "temporary"),
            (Errno::MFILE, "temporary"),
            (Errno::AGAIN, "temporary"),
            (Errno::ISDIR, "failed"),
            (Errno::INVAL, "failed"),
        ];
        for (errno, expected) in table {
            assert_eq!(name(&system(errno)), expected, "{errno}");
        }
        assert!(
            system(Errno::NOSPC)
                .hint()
                .unwrap()
                .contains("free some room")
        );
        assert_eq!(system(Errno::IO).exit_code(), ExitCode::Temporary);
    }

    #[test]
    fn a_servers_status_is_read_once_its_retries_are_used_up() {
        let table = [
            ("500 Internal Server Error", "temporary"),
            ("503 Service Unavailable", "temporary"),
            ("429 Too Many Requests", "temporary"),
            ("408 Request Timeout", "temporary"),
            ("400 Bad Request", "failed"),
            ("403 Forbidden", "denied"),
        ];
        for (status, expected) in table {
            let text = format!("Server returned non-2xx status code: {status}: <Error/>");
            assert_eq!(name(&explain(read(), generic(text))), expected, "{status}");
        }
    }

    #[test]
    fn a_missing_bucket_is_no_missing_object() {
        let not_found = || object_store::Error::NotFound {
            path: "a".into(),
            source: "no bucket".into(),
        };
        let write = Subject {
            action: Action::Write,
            path: "gs://b/a".into(),
        };
        assert_eq!(name(&explain(write, not_found())), "failed");
        assert_eq!(name(&explain(read(), not_found())), "missing");
    }

    #[test]
    fn the_chain_says_each_thing_once() {
        let error = explain(read(), generic(io::Error::other("the wire is cut")));
        assert_eq!(
            chain(&error),
            ["could not read `gs://b/a`", "the wire is cut"]
        );
    }
}
