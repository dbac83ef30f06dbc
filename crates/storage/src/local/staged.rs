//! A file that is written beside its place and moved there when it is whole.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::names::unfinished_beside;

/// What to do when there is a file in its place already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    Replace,
    OnlyNew,
}

/// A file that is written beside its place; dropped before it is placed, it is removed.
#[derive(Debug)]
pub(super) struct Staged {
    file: File,
    temporary: PathBuf,
    place: PathBuf,
    placed: AtomicBool,
}

impl Staged {
    pub(super) fn create(place: &Path) -> io::Result<Self> {
        if let Some(folder) = place.parent() {
            create_folder(folder)?;
        }
        loop {
            let temporary = unfinished_beside(place)?;
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)?;
            let staged = Self {
                file,
                temporary,
                place: place.to_owned(),
                placed: AtomicBool::new(false),
            };
            // The lock tells a sweep that the file is in use; where the file system has no locks,
            // a sweep can't lock it either and leaves it. A sweep that came before the lock has
            // removed the file: then it takes another.
            let _ = staged.file.try_lock();
            if staged.file.metadata()?.nlink() > 0 {
                return Ok(staged);
            }
        }
    }

    pub(super) fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    /// Flushes the file and moves it to its place.
    pub(super) fn place(&self, placement: Placement) -> io::Result<()> {
        self.file.sync_all()?;
        match placement {
            Placement::Replace => std::fs::rename(&self.temporary, &self.place)?,
            Placement::OnlyNew => rename_only_new(&self.temporary, &self.place)
                .map_err(|error| not_an_object(&self.place, error))?,
        }
        self.placed.store(true, Ordering::Release);
        sync_folder_of(&self.place)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.placed.load(Ordering::Acquire) {
            // Nothing can be done about a failure here; a sweep finds the file later.
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

fn rename_only_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Not every file system can; all but a few of those can make a second name instead.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        Err(errno) => Err(errno.into()),
    }
}

/// A folder in a file's place is no object that is there already.
fn not_an_object(place: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists if place.is_dir() => {
            io::Error::new(io::ErrorKind::IsADirectory, error)
        }
        _ => error,
    }
}

/// Makes a folder and those above it, each flushed into the one that holds it.
fn create_folder(folder: &Path) -> io::Result<()> {
    match std::fs::create_dir(folder) {
        Ok(()) => sync_folder_of(folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // A file in a folder's place is no object that is there already.
            if folder.is_dir() {
                Ok(())
            } else {
                Err(io::Error::new(io::ErrorKind::NotADirectory, error))
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let Some(above) = folder.parent() else {
                return Err(error);
            };
            create_folder(above)?;
            create_folder(folder)
        }
        Err(error) => Err(error),
    }
}

/// Flushes the folder that holds a file, so that the file's name survives a crash.
pub(super) fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn dropped_before_it_is_placed_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let staged = Staged::create(&folder.path().join("a/b/c")).unwrap();
        staged.write_at(b"half", 0).unwrap();
        assert_eq!(names(&folder.path().join("a/b")).len(), 1);
        drop(staged);
        assert!(names(&folder.path().join("a/b")).is_empty());
    }

    #[test]
    fn only_new_refuses_and_cleans_up() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("x");
        let write = |text: &[u8], placement| {
            let staged = Staged::create(&place).unwrap();
            staged.write_at(text, 0).unwrap();
            staged.place(placement)
        };
        write(b"one", Placement::OnlyNew).unwrap();
        let error = write(b"two", Placement::OnlyNew).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&place).unwrap(), b"one");
        write(b"three", Placement::Replace).unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"three");
        assert_eq!(names(folder.path()), ["x"]);
    }
}
