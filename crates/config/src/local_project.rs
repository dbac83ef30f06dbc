//! Where a project on this machine keeps its experiments and its artifacts.

use std::path::{Path, PathBuf};

/// The two folders of a project on this machine.
///
/// ```
/// use epycloud_config::LocalProject;
///
/// let folder = tempfile::tempdir()?;
/// let project = LocalProject::locate(folder.path());
/// assert_eq!(project.forecast, folder.path().join("local/forecast"));
///
/// std::fs::create_dir(folder.path().join("experiments"))?;
/// let project = LocalProject::locate(folder.path());
/// assert_eq!(project.forecast, folder.path());
/// assert_eq!(project.bucket, folder.path().join("local/bucket"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalProject {
    /// The forecast repository: the folder that has `experiments/`.
    pub forecast: PathBuf,
    /// The folder that stands for the bucket.
    pub bucket: PathBuf,
}

impl LocalProject {
    /// The folders of a project directory: `local/forecast` and `local/bucket` in it, as the
    /// original has them; a directory that is itself a forecast repository (it has
    /// `experiments/`) is used in place.
    ///
    /// Neither folder need exist.
    #[must_use]
    pub fn locate(directory: &Path) -> Self {
        let local = directory.join("local");
        let forecast = if directory.join("experiments").is_dir() {
            directory.to_owned()
        } else {
            local.join("forecast")
        };
        Self {
            forecast,
            bucket: local.join("bucket"),
        }
    }

    /// The folders as a container has them, under one data path (`LOCAL_DATA_PATH`).
    #[must_use]
    pub fn in_container(data: &Path) -> Self {
        Self {
            forecast: data.join("forecast"),
            bucket: data.join("bucket"),
        }
    }
}
