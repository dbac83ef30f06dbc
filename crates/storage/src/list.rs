//! Listing.

use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use tracing::debug;

use crate::classify::{self, Subject};
use crate::{Action, Result, Storage, StoragePath};

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectInfo {
    /// Where.
    pub path: StoragePath,
    /// Its size as it is stored, in bytes.
    pub size: u64,
}

impl Storage {
    /// All objects below a folder (everything for `None`), sorted by path.
    ///
    /// The folder is a whole name: `a/b` has `a/b/c` in it, but neither `a/bc` nor `a/b`. One that
    /// isn't there has nothing in it. Unfinished files are never listed, and neither are objects
    /// whose names no [`StoragePath`] can have.
    ///
    /// # Errors
    ///
    /// When the backend can't list; never a part of the list.
    pub async fn list<'a>(
        &self,
        folder: impl Into<Option<&'a StoragePath>>,
    ) -> Result<Vec<ObjectInfo>> {
        let mut found: Vec<_> = self.list_stream(folder).try_collect().await?;
        found.sort_unstable();
        if self.verbose {
            debug!("Listed {} objects in {}", found.len(), self.base);
        }
        Ok(found)
    }

    /// The names of the folders right below a folder (the top for `None`), sorted. What lies in
    /// them isn't looked at.
    ///
    /// # Errors
    ///
    /// When the backend can't list.
    pub async fn folders<'a>(
        &self,
        folder: impl Into<Option<&'a StoragePath>>,
    ) -> Result<Vec<String>> {
        let folder = folder.into();
        let prefix = folder.map(StoragePath::to_object_path);
        let listed = self.store.list_with_delimiter(prefix.as_ref()).await;
        let listed = listed.map_err(|error| {
            let path = folder.map_or_else(|| self.base.to_string(), |folder| self.url_of(folder));
            let action = Action::List;
            classify::explain(Subject { action, path }, error)
        })?;
        let mut names: Vec<String> = listed
            .common_prefixes
            .iter()
            .filter_map(|path| path.filename().map(str::to_owned))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The same as [`list`](Self::list), one by one in the backend's order, for folders too large to hold the list.
    pub fn list_stream<'a>(
        &self,
        folder: impl Into<Option<&'a StoragePath>>,
    ) -> BoxStream<'static, Result<ObjectInfo>> {
        let folder = folder.into();
        let prefix = folder.map(StoragePath::to_object_path);
        let place = folder.map_or_else(|| self.base.to_string(), |folder| self.url_of(folder));
        self.store
            .list(prefix.as_ref())
            .map_err(move |error| {
                let subject = Subject {
                    action: Action::List,
                    path: place.clone(),
                };
                classify::explain(subject, error)
            })
            .try_filter_map(|object| async move {
                let path = object.location.as_ref().parse().ok();
                Ok(path.map(|path| ObjectInfo {
                    path,
                    size: object.size,
                }))
            })
            .boxed()
    }
}
