//! The storage itself.

use std::fmt;
use std::sync::Arc;

use object_store::{GetOptions, ObjectStore, ObjectStoreExt};
use tracing::debug;

use crate::classify::{self, Subject};
use crate::patience::{Patience, Tries};
use crate::{Action, Result, StorageError, StoragePath};

/// A place for objects: a folder, memory, or a bucket. Cheap to clone.
///
/// Made by [`Storage::local`], [`Storage::in_memory`], [`Storage::open`], or [`Storage::new`] for
/// any other [`ObjectStore`]. All of them behave alike; the conformance suite (feature `testing`)
/// says how in detail. One difference remains: in a folder, a name can't be both an object and
/// the start of another's path (`a` and `a/b`), which object stores allow.
#[derive(Clone)]
pub struct Storage {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) base: Arc<str>,
    pub(crate) verbose: bool,
    /// For stores over a network only.
    pub(crate) patience: Option<Patience>,
}

impl Storage {
    /// A storage over any object store. `base` is what stands before a path to show where an
    /// object is, such as `gs://bucket`.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, base: impl Into<String>) -> Self {
        let mut base = base.into();
        base.truncate(base.trim_end_matches('/').len());
        Self {
            store,
            base: base.into(),
            verbose: false,
            patience: None,
        }
    }

    /// The same for a store over a network, as [`Storage::open`] makes it for buckets: temporary
    /// failures are tried again, large objects travel in parts at the same time, and checksums
    /// that the store gives are verified. Needs a Tokio runtime with time.
    #[must_use]
    pub const fn over_network(mut self, patience: Patience) -> Self {
        self.patience = Some(patience);
        self
    }

    /// A storage that lives as long as the process does, for tests and trials.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(Arc::new(object_store::memory::InMemory::new()), "memory:")
    }

    /// Whether each read and write is logged, at debug level (`STORAGE_VERBOSE`).
    #[must_use]
    pub const fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// Where an object is, in full: its file's path or its URL.
    #[must_use]
    pub fn url_of(&self, path: &StoragePath) -> String {
        format!("{}/{path}", self.base)
    }

    /// Whether there is an object of that name.
    ///
    /// # Errors
    ///
    /// When that can't be found out.
    pub async fn exists(&self, path: &StoragePath) -> Result<bool> {
        self.insist(|| self.try_exists(path)).await
    }

    async fn try_exists(&self, path: &StoragePath) -> Result<bool> {
        let options = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        match self.store.get_opts(&path.to_object_path(), options).await {
            Ok(_) => Ok(true),
            Err(error) => match self.explain(Action::Read, path, error) {
                error if error.is_missing() => Ok(false),
                error => Err(error),
            },
        }
    }

    /// Deletes an object; one that isn't there is no error.
    ///
    /// # Errors
    ///
    /// When it may still be there.
    pub async fn delete(&self, path: &StoragePath) -> Result<()> {
        self.insist(|| self.try_delete(path)).await
    }

    async fn try_delete(&self, path: &StoragePath) -> Result<()> {
        match self.store.delete(&path.to_object_path()).await {
            Ok(()) => {
                if self.verbose {
                    debug!("Deleted {}", self.url_of(path));
                }
                Ok(())
            }
            Err(error) => match self.explain(Action::Delete, path, error) {
                error if error.is_missing() => Ok(()),
                error => Err(error),
            },
        }
    }

    /// An operation with this storage's patience.
    pub(crate) async fn insist<T, F>(&self, operation: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        Tries::new(self.patience).insist(operation).await
    }

    /// Whether the store is over a network, where whole objects cost more than a look at them.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        self.patience.is_some()
    }

    pub(crate) fn explain(
        &self,
        action: Action,
        path: &StoragePath,
        error: object_store::Error,
    ) -> StorageError {
        classify::explain(
            Subject {
                action,
                path: self.url_of(path),
            },
            error,
        )
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage")
            .field("base", &self.base)
            .field("verbose", &self.verbose)
            .finish()
    }
}
