//! Finding the runs that a bucket has.

use epycloud_storage::{Storage, StorageError, StoragePath};

use super::RunRecord;

/// How many folders an experiment may lie below the folder that is searched.
const DEEPEST: usize = 12;

/// A run that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRun {
    /// Its folder.
    pub root: StoragePath,
    /// Its record.
    pub record: RunRecord,
}

/// Every run with a record below a folder (anywhere for `None`), in the order of their folders. The
/// runs' own files aren't looked at; neither is what isn't readable as a record.
///
/// # Errors
/// When the folders can't be listed.
pub async fn find_runs(
    storage: &Storage,
    folder: Option<&StoragePath>,
) -> Result<Vec<FoundRun>, StorageError> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.cloned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if let Some(root) = &folder
            && let Some(record) = record_in(storage, root).await?
        {
            let root = root.clone();
            found.push(FoundRun { root, record });
            continue;
        }
        if depth == DEEPEST {
            continue;
        }
        for name in storage.folders(folder.as_ref()).await? {
            if let Some(below) = join(folder.as_ref(), &name) {
                folders.push((Some(below), depth + 1));
            }
        }
    }
    found.sort_by(|one, other| one.root.cmp(&other.root));
    Ok(found)
}

async fn record_in(
    storage: &Storage,
    root: &StoragePath,
) -> Result<Option<RunRecord>, StorageError> {
    let Some(path) = join(Some(root), "run.json") else {
        return Ok(None);
    };
    match storage.load_json(&path).await {
        Ok(record) => Ok(Some(record)),
        Err(StorageError::Missing { .. } | StorageError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn join(folder: Option<&StoragePath>, name: &str) -> Option<StoragePath> {
    match folder {
        Some(folder) => format!("{folder}/{name}").parse().ok(),
        None => name.parse().ok(),
    }
}
