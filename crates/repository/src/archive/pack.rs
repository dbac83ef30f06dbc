//! Packing.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use tar::{Builder, EntryType, Header};

use super::{LARGEST, MOST, stays_inside};
use crate::Result;
use crate::error::RepositoryError;
use crate::folder::{self, Entry};

/// A tar archive of a repository's files without git's own. It holds names, contents, links and
/// whether a file can be run, and neither times nor owners: the same commit gives the same bytes.
///
/// # Errors
///
/// When files can't be read, are too many or too large, or a link leads out of the repository.
pub fn pack(root: &Path) -> Result<Vec<u8>> {
    let entries = folder::entries(root)?;
    let bytes: u64 = entries
        .iter()
        .filter(|entry| entry.kind.is_file())
        .map(|entry| entry.bytes)
        .sum();
    if bytes > LARGEST || entries.len() > MOST {
        return Err(RepositoryError::Archive {
            entry: root.display().to_string(),
            reason: "is larger than a forecast repository may be (2 GiB, 200,000 files)",
        });
    }
    let mut archive = Builder::new(Vec::new());
    for entry in &entries {
        add(&mut archive, root, entry)?;
    }
    archive
        .into_inner()
        .map_err(RepositoryError::file("pack", root))
}

fn add(archive: &mut Builder<Vec<u8>>, root: &Path, entry: &Entry) -> Result<()> {
    let path = root.join(&entry.name);
    let mut header = Header::new_gnu();
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mode(0o755);
    header.set_size(0);
    let added = if entry.kind.is_dir() {
        header.set_entry_type(EntryType::Directory);
        archive.append_data(&mut header, format!("{}/", entry.name), &[][..])
    } else if entry.kind.is_symlink() {
        let target = fs::read_link(&path).map_err(RepositoryError::file("read", &path))?;
        if !target
            .to_str()
            .is_some_and(|target| stays_inside(&entry.name, target))
        {
            return Err(RepositoryError::Archive {
                entry: entry.name.clone(),
                reason: "is a link that leads out of the repository",
            });
        }
        header.set_entry_type(EntryType::Symlink);
        archive.append_link(&mut header, &entry.name, target)
    } else if entry.kind.is_file() {
        let mut content = Vec::new();
        File::open(&path)
            .and_then(|mut file| file.read_to_end(&mut content))
            .map_err(RepositoryError::file("read", &path))?;
        header.set_size(content.len() as u64);
        header.set_mode(if can_run(&path) { 0o755 } else { 0o644 });
        archive.append_data(&mut header, &entry.name, content.as_slice())
    } else {
        return Err(RepositoryError::Archive {
            entry: entry.name.clone(),
            reason: "is neither a file nor a folder nor a link",
        });
    };
    added.map_err(RepositoryError::file("pack", &path))
}

#[cfg(unix)]
fn can_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn can_run(_: &Path) -> bool {
    false
}
