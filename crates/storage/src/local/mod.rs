//! Objects as files below a folder, written durably.

mod names;
mod read;
mod staged;
mod store;
mod sweep;
mod upload;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Objects as files below a folder.
///
/// A write goes to a temporary file in the object's own folder, which is flushed to the disk
/// (`fsync`), renamed, and its folder flushed too: after a crash or `kill -9` at any moment an
/// object is there whole, as it was before, or not at all. Several writers of one object don't
/// disturb each other; the last rename wins.
///
/// Temporary files are never listed or read. A process that was killed leaves its own behind;
/// [`LocalStore::sweep`] removes those and spares the ones still being written.
#[derive(Debug, Clone)]
pub struct LocalStore {
    root: Arc<Path>,
}

impl LocalStore {
    /// The objects below a folder, which is made with the first write.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl std::fmt::Display for LocalStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalStore({})", self.root.display())
    }
}
