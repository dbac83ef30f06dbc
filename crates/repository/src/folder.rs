//! The folder that a commit's files are in.

use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use epycloud_config::CommitId;
use tempfile::TempDir;

use crate::error::RepositoryError;
use crate::{Result, archive};

/// Something below a repository's root.
pub(crate) struct Entry {
    /// Its path below the root, with `/`.
    pub(crate) name: String,
    pub(crate) kind: FileType,
    pub(crate) bytes: u64,
}

/// All that is below a repository's root but git's own, sorted by name; a folder comes before what
/// is in it. Links are not followed.
pub(crate) fn entries(root: &Path) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let listing = fs::read_dir(&path).map_err(RepositoryError::file("list", &path))?;
        for entry in listing {
            let entry = entry.map_err(RepositoryError::file("list", &path))?;
            let name = folder.join(entry.file_name());
            if name == Path::new(".git") {
                continue;
            }
            let meta = entry
                .metadata()
                .map_err(RepositoryError::file("read", entry.path()))?;
            let Some(text) = name.to_str() else {
                return Err(RepositoryError::Archive {
                    entry: name.to_string_lossy().into_owned(),
                    reason: "has a name that is not UTF-8",
                });
            };
            found.push(Entry {
                name: text.to_owned(),
                kind: meta.file_type(),
                bytes: meta.len(),
            });
            if meta.is_dir() {
                folders.push(name);
            }
        }
    }
    found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Makes a folder, which may be there if it is empty.
pub(crate) fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(RepositoryError::file("make", folder))
}

/// Leaves of git's own files the commit alone, where [`commit_of`] looks for it.
pub(crate) fn forget_git(root: &Path, commit: &CommitId) -> Result<()> {
    let git = root.join(".git");
    if git.exists() {
        fs::remove_dir_all(&git).map_err(RepositoryError::file("remove", &git))?;
    }
    make(&git)?;
    let head = git.join("HEAD");
    #[expect(
        clippy::disallowed_methods,
        reason = "the folder gets its name once it is whole"
    )]
    fs::write(&head, format!("{commit}\n")).map_err(RepositoryError::file("write", &head))
}

/// The commit that [`fetch`](crate::fetch) or [`place`] has left in a folder.
#[must_use]
pub fn commit_of(root: &Path) -> Option<CommitId> {
    fs::read_to_string(root.join(".git/HEAD"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Puts the files of an archive into a folder that is absent, empty or an earlier commit's, all at
/// once. A folder that holds this commit already is left as it is.
///
/// # Errors
///
/// When the folder holds something else, the archive is refused, or files can't be written.
pub fn place(archive: &[u8], commit: &CommitId, folder: &Path) -> Result<()> {
    if commit_of(folder).as_ref() == Some(commit) {
        return Ok(());
    }
    let unfinished = beside(folder)?;
    archive::unpack(archive, unfinished.path())?;
    forget_git(unfinished.path(), commit)?;
    adopt(unfinished, commit, folder)
}

/// A folder beside the one to be made, so that it can be given its name at once.
pub(crate) fn beside(folder: &Path) -> Result<TempDir> {
    let parent = folder.parent().unwrap_or(folder);
    make(parent)?;
    tempfile::Builder::new()
        .prefix(".forecast-")
        .tempdir_in(parent)
        .map_err(RepositoryError::file("write to", parent))
}

/// Gives a finished folder its name. Another process of the same run may have been faster; an
/// earlier commit's folder makes room.
pub(crate) fn adopt(unfinished: TempDir, commit: &CommitId, folder: &Path) -> Result<()> {
    if is_ours(folder) && commit_of(folder).as_ref() != Some(commit) {
        let old = beside(folder)?;
        // Its name is free once it is renamed, and it is removed with its new parent.
        let _ = fs::rename(folder, old.path().join("old"));
    }
    match fs::rename(unfinished.path(), folder) {
        Ok(()) => {
            // It is no longer where it would be removed from.
            let _ = unfinished.keep();
            Ok(())
        }
        Err(_) if commit_of(folder).as_ref() == Some(commit) => Ok(()),
        Err(_) if folder.exists() => Err(RepositoryError::Occupied {
            folder: folder.to_owned(),
            commit: commit.to_string(),
        }),
        Err(source) => Err(RepositoryError::file("make", folder)(source)),
    }
}

/// Whether a folder was made here: of git's own files it has the commit alone.
fn is_ours(folder: &Path) -> bool {
    let git = fs::read_dir(folder.join(".git"));
    git.is_ok_and(|mut entries| {
        let only = entries.next().and_then(std::result::Result::ok);
        only.is_some_and(|entry| entry.file_name() == "HEAD") && entries.next().is_none()
    })
}
