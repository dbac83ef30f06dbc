//! Object names as file names, and errors as object_store has them.

use std::io;
use std::path::{Path, PathBuf};

use object_store::path::Path as ObjectPath;

use super::LocalStore;
use crate::path::UNFINISHED;

impl LocalStore {
    /// The file of an object. Names of unfinished files belong to no object.
    pub(super) fn file_of(&self, location: &ObjectPath) -> object_store::Result<PathBuf> {
        let names = location.as_ref();
        let refused = names.is_empty() || names.split('/').any(|name| name.ends_with(UNFINISHED));
        if refused {
            let reason = format!("`{location}` can't be an object's name in a folder");
            return Err(store_error(
                location,
                io::Error::new(io::ErrorKind::InvalidInput, reason),
            ));
        }
        Ok(self.folder_of(Some(location)))
    }

    pub(super) fn folder_of(&self, prefix: Option<&ObjectPath>) -> PathBuf {
        // An object's path holds no `.`, `..`, root or separator but `/`.
        prefix.map_or_else(
            || self.root.to_path_buf(),
            |prefix| self.root.join(prefix.as_ref()),
        )
    }
}

pub(super) fn is_unfinished(name: &str) -> bool {
    name.ends_with(UNFINISHED)
}

/// A name for an unfinished file that nobody else uses. It doesn't hold the object's name, which
/// may already be as long as a file's name can be.
pub(super) fn unfinished_beside(file: &Path) -> io::Result<PathBuf> {
    let bits = getrandom::u64().map_err(io::Error::other)?;
    Ok(file.with_file_name(format!(".{bits:016x}{UNFINISHED}")))
}

/// An operating system's error about an object.
pub(super) fn store_error(location: &ObjectPath, error: io::Error) -> object_store::Error {
    let path = location.to_string();
    match error.kind() {
        io::ErrorKind::NotFound => object_store::Error::NotFound {
            path,
            source: error.into(),
        },
        io::ErrorKind::AlreadyExists => object_store::Error::AlreadyExists {
            path,
            source: error.into(),
        },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            object_store::Error::PermissionDenied {
                path,
                source: error.into(),
            }
        }
        _ => object_store::Error::Generic {
            store: "local",
            source: error.into(),
        },
    }
}
