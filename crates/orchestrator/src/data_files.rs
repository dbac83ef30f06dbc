//! The files that a run depends on and that lie outside of it, as they were: hashed once, and again
//! only where their size or the time of their last change differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use epycloud_stages::Sha256;
use epycloud_stages::engine::DataSources;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::sources::have_changed;

/// How many changed files are named.
const NAMED: usize = 3;

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Hash of its bytes.
    pub sha256: Sha256,
    /// Its size.
    pub bytes: u64,
    /// When it was changed last, UTC, where the file system says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}

impl FileState {
    /// A file as it is. Its bytes are read only where it doesn't look as it did `earlier`.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(path: &Path, earlier: Option<&Self>) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let (bytes, modified) = (metadata.len(), modified(&metadata));
        if let Some(earlier) = earlier
            && modified.is_some()
            && (earlier.bytes, earlier.modified) == (bytes, modified)
        {
            return Ok(earlier.clone());
        }
        Ok(Self {
            sha256: Sha256::of_reader(file)?,
            bytes,
            modified,
        })
    }
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    Timestamp::try_from(metadata.modified().ok()?).ok()
}

/// The population data and tables that tasks were built from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DataFiles {
    /// The populations that the tasks are of.
    pub populations: BTreeSet<String>,
    /// The files.
    pub files: BTreeMap<PathBuf, FileState>,
}

impl DataFiles {
    /// What tasks of these populations have been built from since `began`. A file that was changed
    /// meanwhile is left out: which of its states was read isn't known, so it counts as changed.
    pub(crate) fn read(
        sources: &DataSources,
        populations: BTreeSet<String>,
        began: SystemTime,
    ) -> Self {
        let began = Timestamp::try_from(began).ok();
        let files = sources.files(&populations).into_iter();
        let files = files
            .filter_map(|path| Some((FileState::read(&path, None).ok()?, path)))
            .filter(|(state, _)| state.modified < began)
            .map(|(state, path)| (path, state))
            .collect();
        Self { populations, files }
    }

    /// Which files aren't what they were, in words; `None` if all are.
    #[must_use]
    pub fn difference(&self, sources: &DataSources) -> Option<String> {
        let now = sources.files(&self.populations);
        let all: BTreeSet<&PathBuf> = now.iter().chain(self.files.keys()).collect();
        let changed: Vec<String> = all
            .into_iter()
            .filter(|path| !self.has(path))
            .map(|path| format!("`{}`", path.display()))
            .collect();
        match changed.split_at_checked(NAMED) {
            Some((named, [_, ..])) => {
                let more = format!("{} more files", changed.len() - NAMED);
                have_changed(&[named, &[more]].concat())
            }
            _ => have_changed(&changed),
        }
    }

    /// Whether a file is what it was.
    fn has(&self, path: &Path) -> bool {
        self.files.get(path).is_some_and(|then| {
            let now = FileState::read(path, Some(then));
            now.is_ok_and(|now| now.sha256 == then.sha256)
        })
    }

    /// One hash of all of them, by their names.
    #[must_use]
    pub fn digest(&self) -> Option<Sha256> {
        let lines: String = self
            .files
            .iter()
            .map(|(path, state)| format!("{}  {}\n", state.sha256, path.display()))
            .collect();
        (!lines.is_empty()).then(|| Sha256::of(lines.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_again_only_if_it_looks_different() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let write = |text: &str| {
            #[expect(clippy::disallowed_methods, reason = "a test's own input")]
            std::fs::write(&path, text).unwrap();
        };
        write("one");
        let first = FileState::read(&path, None).unwrap();
        assert_eq!(first.sha256, Sha256::of(b"one"));
        // A hash that can't be its own shows that the bytes weren't read.
        let earlier = FileState {
            sha256: Sha256::of(b"other"),
            ..first.clone()
        };
        assert_eq!(FileState::read(&path, Some(&earlier)).unwrap(), earlier);
        write("three");
        let third = FileState::read(&path, Some(&first)).unwrap();
        assert_eq!(third.sha256, Sha256::of(b"three"));
    }

    #[test]
    fn what_was_changed_during_the_build_counts_as_changed() {
        let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
        let sources = DataSources::of_repository(quickstart);
        let populations = || BTreeSet::from(["Harbour_Island".to_owned()]);
        let after = DataFiles::read(&sources, populations(), SystemTime::now());
        assert_eq!(after.difference(&sources), None);
        assert!(after.digest().is_some());
        let before = DataFiles::read(&sources, populations(), SystemTime::UNIX_EPOCH);
        assert_eq!(before.files.len(), 0);
        let difference = before.difference(&sources).unwrap();
        assert!(
            difference.contains("3 more files have changed"),
            "{difference}"
        );
    }
}
