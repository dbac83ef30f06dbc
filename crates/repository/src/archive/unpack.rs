//! Unpacking, of bytes that anybody may have written.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tar::{Archive, Entry, EntryType};

use super::{LARGEST, MOST, stays_inside};
use crate::Result;
use crate::error::RepositoryError;

/// Unpacks an archive into a folder that is absent or empty.
///
/// Names that lead out of the folder, links that do or that others would be written through,
/// devices and the like, names twice, and more than 2 GiB or 200,000 entries are refused.
///
/// # Errors
///
/// When something is refused or can't be written; the folder is then of no use.
pub fn unpack(archive: &[u8], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(RepositoryError::file("make", folder))?;
    let damaged = |_: io::Error| refused("", "is no archive, or not whole");
    let mut unpacked = Unpacked {
        folder,
        names: BTreeSet::new(),
        bytes: 0,
    };
    // Links are made last, so that nothing is ever written through one.
    let mut links = Vec::new();
    for entry in Archive::new(archive).entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = unpacked.name(&entry)?;
        match entry.header().entry_type() {
            EntryType::Directory => make(&folder.join(&name))?,
            EntryType::Regular => unpacked.file(&name, &mut entry)?,
            EntryType::Symlink => links.push((target(&name, &entry)?, name)),
            _ => return Err(refused(&name, "is neither a file nor a folder nor a link")),
        }
    }
    links
        .iter()
        .try_for_each(|(target, name)| link(target, &folder.join(name)))
}

struct Unpacked<'a> {
    folder: &'a Path,
    names: BTreeSet<String>,
    bytes: u64,
}

impl Unpacked<'_> {
    /// The name of an entry, if it stays below the folder and is new.
    fn name(&mut self, entry: &Entry<'_, &[u8]>) -> Result<String> {
        let raw = String::from_utf8(entry.path_bytes().into_owned()).map_err(|error| {
            refused(
                &String::from_utf8_lossy(error.as_bytes()),
                "has a name that is not UTF-8",
            )
        })?;
        let name = raw.strip_suffix('/').unwrap_or(&raw);
        let plain = |part: &str| !matches!(part, "" | "." | "..");
        if !name.split('/').all(plain) || name.contains('\\') || name.contains('\0') {
            return Err(refused(&raw, "has a name that may lead elsewhere"));
        }
        if name
            .split('/')
            .any(|part| part.eq_ignore_ascii_case(".git"))
        {
            return Err(refused(&raw, "is git's own"));
        }
        if self.names.len() >= MOST {
            return Err(refused(
                &raw,
                "is one entry too many (200,000 are unpacked)",
            ));
        }
        if !self.names.insert(name.to_owned()) {
            return Err(refused(&raw, "is there twice"));
        }
        Ok(name.to_owned())
    }

    fn file(&mut self, name: &str, entry: &mut Entry<'_, &[u8]>) -> Result<()> {
        self.bytes = self.bytes.saturating_add(entry.size());
        if self.bytes > LARGEST {
            return Err(refused(name, "is beyond the 2 GiB that are unpacked"));
        }
        let path = self.folder.join(name);
        if let Some(parent) = path.parent() {
            make(parent)?;
        }
        let runs = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
        let size = entry.size();
        let copied = File::create_new(&path)
            .and_then(|mut file| {
                let copied = io::copy(entry, &mut file)?;
                file.flush()?;
                if runs {
                    let_run(&file)?;
                };
                Ok(copied)
            })
            .map_err(RepositoryError::file("write", &path))?;
        if copied == size {
            Ok(())
        } else {
            Err(refused(name, "is cut short"))
        }
    }
}

fn target(name: &str, entry: &Entry<'_, &[u8]>) -> Result<String> {
    let target = entry
        .link_name_bytes()
        .and_then(|bytes| String::from_utf8(bytes.into_owned()).ok());
    target
        .filter(|target| stays_inside(name, target))
        .ok_or_else(|| refused(name, "is a link that leads out of the repository"))
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(RepositoryError::file("make", folder))
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> Result<()> {
    if let Some(parent) = path.parent() {
        make(parent)?;
    }
    std::os::unix::fs::symlink(target, path).map_err(RepositoryError::file("make", path))
}

#[cfg(not(unix))]
fn link(_: &str, path: &Path) -> Result<()> {
    Err(refused(
        &path.display().to_string(),
        "is a link, which this system has not",
    ))
}

#[cfg(unix)]
fn let_run(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    file.set_permissions(fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn let_run(_: &File) -> io::Result<()> {
    Ok(())
}

fn refused(entry: &str, reason: &'static str) -> RepositoryError {
    RepositoryError::Archive {
        entry: entry.chars().take(200).collect(),
        reason,
    }
}
