//! Removing what killed processes left behind.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::LocalStore;
use super::names::is_unfinished;

impl LocalStore {
    /// Removes unfinished files below the root that nobody writes any more and that were last
    /// changed at least `age` ago, and says how many.
    ///
    /// A file that is being written is locked by its writer and spared, whatever its age; where
    /// the file system has no locks, none is removed.
    ///
    /// # Errors
    ///
    /// When a folder can't be read or a file can't be removed.
    pub fn sweep(&self, age: Duration) -> io::Result<usize> {
        match sweep_folder(&self.root, age) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            result => result,
        }
    }
}

fn sweep_folder(folder: &Path, age: Duration) -> io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Links are not followed: what they lead to is not ours to clean.
        if entry.file_type()?.is_dir() {
            removed += sweep_folder(&path, age)?;
        } else if entry.file_name().to_str().is_some_and(is_unfinished) && is_stale(&path, age)? {
            match std::fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

fn is_stale(path: &Path, age: Duration) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    // A change in the future (another machine's clock) counts as just now.
    let unchanged = file.metadata()?.modified()?.elapsed().unwrap_or_default();
    Ok(unchanged >= age && file.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::staged::Staged;
    use super::*;

    #[test]
    fn leftovers_go_and_files_being_written_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned());
        let leftover = folder.path().join("a/.0123456789abcdef~epycloud");
        let staged = Staged::create(&folder.path().join("a/b")).unwrap();
        staged.write_at(b"half", 0).unwrap();
        tempfile::NamedTempFile::new_in(folder.path())
            .unwrap()
            .persist(&leftover)
            .unwrap();

        assert_eq!(store.sweep(Duration::from_secs(3_600)).unwrap(), 0);
        assert_eq!(store.sweep(Duration::ZERO).unwrap(), 1);
        assert!(!leftover.exists());
        staged
            .place(super::super::staged::Placement::Replace)
            .unwrap();
        assert!(folder.path().join("a/b").exists());
    }

    #[test]
    fn without_a_folder_there_is_nothing_to_sweep() {
        let store = LocalStore::new("/nonexistent/epycloud".into());
        assert_eq!(store.sweep(Duration::ZERO).unwrap(), 0);
    }
}
