//! Listing the files below a folder.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::ObjectMeta;
use object_store::path::Path as ObjectPath;

use super::LocalStore;
use super::names::{is_unfinished, store_error};
use super::read::{absent_below_a_file, object_meta};
use crate::blocking;

/// A folder still to be read.
struct Folder {
    path: PathBuf,
    /// Its name as a prefix of objects, without a slash at its end.
    prefix: String,
    /// Which folders it lies in, so that a link to one of them is not followed for ever.
    above: Vec<(u64, u64)>,
}

/// What one folder holds, sorted by name.
pub(super) struct Content {
    pub(super) objects: Vec<ObjectMeta>,
    /// Prefixes of the folders in it.
    pub(super) folders: Vec<String>,
}

impl LocalStore {
    pub(super) fn walk(
        &self,
        prefix: Option<&ObjectPath>,
    ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let first = Folder {
            path: self.folder_of(prefix),
            prefix: prefix.map(ToString::to_string).unwrap_or_default(),
            above: Vec::new(),
        };
        // One folder after another, so that memory holds one folder's names and no more.
        stream::try_unfold(vec![first], |mut pending| async move {
            let Some(folder) = pending.pop() else {
                return Ok::<_, object_store::Error>(None);
            };
            let location = ObjectPath::parse(&folder.prefix)?;
            let (content, below) = blocking::run(move || read(&folder))
                .await?
                .map_err(|error| store_error(&location, error))?;
            pending.extend(below.into_iter().rev());
            Ok(Some((
                stream::iter(content.objects.into_iter().map(Ok)),
                pending,
            )))
        })
        .try_flatten()
        .boxed()
    }

    /// What a folder itself holds. A folder without an object anywhere below isn't shown, as none
    /// is in an object store.
    pub(super) async fn content(
        &self,
        prefix: Option<&ObjectPath>,
    ) -> object_store::Result<Content> {
        let location = prefix.cloned().unwrap_or_default();
        let folder = Folder {
            path: self.folder_of(prefix),
            prefix: location.to_string(),
            above: Vec::new(),
        };
        let (mut content, below) = blocking::run(move || read(&folder))
            .await?
            .map_err(|error| store_error(&location, error))?;
        for folder in below {
            let prefix = ObjectPath::parse(&folder.prefix)?;
            if self.walk(Some(&prefix)).try_next().await?.is_some() {
                content.folders.push(folder.prefix);
            }
        }
        Ok(content)
    }
}

fn read(folder: &Folder) -> io::Result<(Content, Vec<Folder>)> {
    let mut content = Content {
        objects: Vec::new(),
        folders: Vec::new(),
    };
    let mut below = Vec::new();
    let Some(metadata) = present(std::fs::metadata(&folder.path))? else {
        return Ok((content, below));
    };
    let identity = (metadata.dev(), metadata.ino());
    if !metadata.is_dir() || folder.above.contains(&identity) {
        return Ok((content, below));
    }
    let Some(entries) = present(std::fs::read_dir(&folder.path))? else {
        return Ok((content, below));
    };
    let mut names = Vec::new();
    for entry in entries {
        // A name that isn't UTF-8 can't be an object's.
        names.extend(entry?.file_name().into_string());
    }
    names.sort_unstable();
    for name in names.into_iter().filter(|name| !is_unfinished(name)) {
        let path = folder.path.join(&name);
        // What vanishes between the listing and here is not there.
        let Some(metadata) = present(std::fs::metadata(&path))? else {
            continue;
        };
        let prefix = if folder.prefix.is_empty() {
            name
        } else {
            format!("{}/{name}", folder.prefix)
        };
        if metadata.is_dir() {
            let above = folder.above.iter().copied().chain([identity]).collect();
            below.push(Folder {
                path,
                prefix,
                above,
            });
        } else if metadata.is_file()
            && let Ok(location) = ObjectPath::parse(&prefix)
        {
            content.objects.push(object_meta(location, &metadata));
        }
    }
    Ok((content, below))
}

fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result.map_err(absent_below_a_file) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
