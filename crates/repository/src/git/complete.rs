//! Whether the files are all there is.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::RepositoryError;
use crate::{Result, folder};

/// How the pointer begins that stands for a file of Git LFS.
///
/// Source: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// A pointer is smaller than this, in bytes.
const LFS_LARGEST: u64 = 1_024;

/// Refuses what a fetch of one repository doesn't bring.
pub(super) fn check(root: &Path) -> Result<()> {
    if root.join(".gitmodules").is_file() {
        return Err(RepositoryError::Incomplete {
            path: ".gitmodules".to_owned(),
            what: "a list of submodules",
        });
    }
    for entry in folder::entries(root)? {
        let path = root.join(&entry.name);
        if entry.kind.is_file() && entry.bytes < LFS_LARGEST && is_pointer(&path)? {
            return Err(RepositoryError::Incomplete {
                path: entry.name,
                what: "a pointer to a file of Git LFS",
            });
        }
    }
    Ok(())
}

fn is_pointer(path: &Path) -> Result<bool> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LFS_POINTER.len() as u64).read_to_end(&mut start))
        .map_err(RepositoryError::file("read", path))?;
    Ok(start == LFS_POINTER)
}
