//! A forecast repository on a git server.

use std::path::{Path, PathBuf};

use epycloud_test_support::cloud::GitServer;
use tempfile::TempDir;

/// As the lab's configuration calls it.
const NAME: &str = "my-lab/forecasts";
/// Experiments, each the quickstart's by another name.
pub(crate) const EXPERIMENTS: [&str; 3] = ["202547/My_Flu", "my-flu", "a"];

/// The repository, and the folder that commits are made from.
pub(crate) struct Forecasts {
    pub(crate) git: GitServer,
    /// The first commit's hash, on `main`.
    pub(crate) commit: String,
    work: TempDir,
    _bare: TempDir,
}

impl Forecasts {
    pub(crate) fn start(token: Option<&str>) -> Self {
        let (work, bare) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for experiment in EXPERIMENTS {
            let folder = folder(work.path(), experiment);
            std::fs::create_dir_all(&folder).unwrap();
            let files = quickstart().join("experiments/quickstart/config");
            for entry in std::fs::read_dir(files).unwrap() {
                let entry = entry.unwrap();
                std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
            }
        }
        let git = GitServer::start(bare.path(), token).unwrap();
        let commit = git.commit(NAME, work.path()).unwrap();
        Self {
            git,
            commit,
            work,
            _bare: bare,
        }
    }

    /// Replaces a text in a file of an experiment, as a commit of its own; its hash.
    pub(crate) fn edit(&self, experiment: &str, file: &str, from: &str, to: &str) -> String {
        let path = folder(self.work.path(), experiment).join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is in {file}");
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(path, text.replace(from, to)).unwrap();
        self.git.commit(NAME, self.work.path()).unwrap()
    }

    /// Gives a commit a branch.
    pub(crate) fn branch(&self, name: &str, commit: &str) {
        self.git.git(NAME, &["branch", name, commit]).unwrap();
    }
}

fn folder(root: &Path, experiment: &str) -> PathBuf {
    root.join("experiments").join(experiment).join("config")
}

/// The repository of the quickstart.
pub(crate) fn quickstart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart")
}
