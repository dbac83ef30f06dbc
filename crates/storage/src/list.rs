//! Listing.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use tracing::debug;

use crate::classify::{self, Subject};
use crate::patience::{Patience, Tries};
use crate::{Action, Result, Storage, StorageError, StoragePath};

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
        let place = self.place(folder);
        let listed = self
            .insist(|| async {
                let listed = self.store.list_with_delimiter(prefix.as_ref()).await;
                listed.map_err(|error| failed(&place, error))
            })
            .await?;
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
        let listing = Listing {
            store: Arc::clone(&self.store),
            prefix: folder.map(StoragePath::to_object_path),
            place: self.place(folder),
            patience: self.patience,
            tries: Tries::new(self.patience),
            page: None,
            last: None,
        };
        stream::try_unfold(listing, Listing::next)
            .try_filter_map(|object| async move {
                let path = object.location.as_ref().parse().ok();
                Ok(path.map(|path| ObjectInfo {
                    path,
                    size: object.size,
                }))
            })
            .boxed()
    }

    fn place(&self, folder: Option<&StoragePath>) -> String {
        folder.map_or_else(|| self.base.to_string(), |folder| self.url_of(folder))
    }
}

fn failed(place: &str, error: object_store::Error) -> StorageError {
    let subject = Subject {
        action: Action::List,
        path: place.to_owned(),
    };
    classify::explain(subject, error)
}

/// A list that goes on where it broke off.
struct Listing {
    store: Arc<dyn ObjectStore>,
    prefix: Option<Path>,
    place: String,
    patience: Option<Patience>,
    tries: Tries,
    page: Option<BoxStream<'static, object_store::Result<ObjectMeta>>>,
    last: Option<Path>,
}

impl Listing {
    async fn next(mut self) -> Result<Option<(ObjectMeta, Self)>> {
        loop {
            match self.page().next().await {
                None => return Ok(None),
                Some(Ok(object)) => {
                    // Stores over a network list in the order of names, so that the last one says
                    // how far it came.
                    if self.patience.is_some() {
                        self.last = Some(object.location.clone());
                        self.tries = Tries::new(self.patience);
                    }
                    return Ok(Some((object, self)));
                }
                Some(Err(error)) => {
                    self.tries.wait_after(failed(&self.place, error)).await?;
                    self.page = None;
                }
            }
        }
    }

    fn page(&mut self) -> &mut BoxStream<'static, object_store::Result<ObjectMeta>> {
        let Self {
            store,
            prefix,
            last,
            page,
            ..
        } = self;
        page.get_or_insert_with(|| match last {
            None => store.list(prefix.as_ref()),
            Some(last) => store.list_with_offset(prefix.as_ref(), last),
        })
    }
}
