//! A project in a temporary folder, and the binary run on it.

#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Path of the forecast repository that projects are copies of.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-support/fixtures/forecast")
}

/// A copy of the fixture's forecast repository, with a bucket beside it.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl Project {
    /// A project whose stages run `tiny` as run `r1`.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture(), &folder.path().join("forecast"));
        let data = folder.path().to_str().unwrap().to_owned();
        let variables = [
            ("EXECUTION_MODE", "local"),
            ("EXP_ID", "tiny"),
            ("RUN_ID", "r1"),
            ("LOCAL_DATA_PATH", &data),
        ];
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            variables: variables.collect(),
            folder,
        }
    }

    /// A project whose run has all inputs and results.
    pub(crate) fn with_results() -> Self {
        let project = Self::new();
        project.stage("A").succeeds();
        for index in ["0", "1", "2"] {
            project.task(index).succeeds();
        }
        project
    }

    /// The binary in this project's environment and no other.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epycloud-dispatcher"));
        command.env_clear().envs(&self.variables);
        command
    }

    pub(crate) fn run(&self, variables: &[(&str, &str)]) -> Ended {
        Ended::new(
            self,
            self.command()
                .envs(variables.iter().copied())
                .output()
                .unwrap(),
        )
    }

    pub(crate) fn stage(&self, stage: &str) -> Ended {
        self.run(&[("STAGE", stage)])
    }

    pub(crate) fn task(&self, index: &str) -> Ended {
        self.run(&[("STAGE", "B"), ("TASK_INDEX", index)])
    }

    /// A file or folder of the run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .join("bucket/pipeline/flu/tiny/r1")
            .join(name)
    }

    /// A file or folder of the experiment's configuration.
    pub(crate) fn config(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .join("forecast/experiments/tiny/config")
            .join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Replaces text in a configuration file; it must be there.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.config(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// The only folder of outputs.
    pub(crate) fn outputs(&self) -> String {
        let folders = names(&self.path("outputs"));
        let [folder] = folders.as_slice() else {
            panic!("{folders:?}")
        };
        format!("outputs/{folder}")
    }

    /// Every file of the run with its bytes, summaries and outputs left out: what must be the
    /// same however often it was interrupted.
    pub(crate) fn artifacts(&self) -> BTreeMap<String, Vec<u8>> {
        ["builder-artifacts", "runner-artifacts", "config"]
            .iter()
            .flat_map(|folder| {
                names(&self.path(folder))
                    .into_iter()
                    .map(move |name| format!("{folder}/{name}"))
            })
            .filter(|name| !name.ends_with("~epycloud"))
            .map(|name| (name.clone(), self.read(&name)))
            .collect()
    }
}

/// The names in a folder, sorted; none if it isn't there.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// How a process ended, with the project's folder replaced by `[DIR]` in what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn new(project: &Project, output: Output) -> Self {
        let text = |bytes| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(project.root().to_str().unwrap(), "[DIR]")
        };
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.ends_with(0)
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Whether the log and, for people, standard error say it.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "no `{text}` in:\n{}",
            self.stderr
        );
        self
    }
}
