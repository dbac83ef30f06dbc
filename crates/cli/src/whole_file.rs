//! Files of the user's own that are written whole or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::user_file_error::UserFileError;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever may read the one that it replaces; for a new one, whoever the process lets.
    AsBefore,
    /// Its owner alone.
    Owner,
}

/// Writes a file, whole or not at all, over the one that is there; folders are made.
///
/// A link is followed, so that a configuration may lie elsewhere.
pub(crate) fn write(path: &Path, text: &str, access: Access) -> Result<(), UserFileError> {
    put(path, text, access).map_err(|source| UserFileError::Write {
        file: path.to_owned(),
        source,
    })
}

fn put(path: &Path, text: &str, access: Access) -> std::io::Result<()> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&folder)?;
    // Readable for its owner alone until it is said otherwise.
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(text.as_bytes())?;
    if access == Access::AsBefore {
        keep_access(&target, file.as_file())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn keep_access(target: &Path, file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let permissions = match std::fs::metadata(target) {
        Ok(before) => before.permissions(),
        Err(_) => std::fs::Permissions::from_mode(0o644),
    };
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn keep_access(_target: &Path, _file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Takes everybody's access to a file but its owner's; whether there was any.
#[cfg(unix)]
pub(crate) fn restrict(path: &Path) -> Result<bool, UserFileError> {
    use std::os::unix::fs::PermissionsExt as _;

    let failed = |source| UserFileError::Write {
        file: path.to_owned(),
        source,
    };
    let mode = std::fs::metadata(path)
        .map_err(failed)?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(false);
    }
    let owner = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, owner).map_err(failed)?;
    Ok(true)
}

/// Elsewhere a folder's own rules say who may read what is in it.
#[cfg(not(unix))]
pub(crate) fn restrict(_path: &Path) -> Result<bool, UserFileError> {
    Ok(false)
}
