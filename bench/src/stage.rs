//! Running the stages as processes on a repository of a benchmark's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::program::{answer, ours};
use crate::repository;

/// A forecast repository with one experiment, and one run of it.
pub(crate) struct Pipeline {
    folder: TempDir,
    dispatcher: PathBuf,
    cli: PathBuf,
}

impl Pipeline {
    pub(crate) fn new(base_model: &str, output: &str, n_places: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|source| Failure::File {
            path: std::env::temp_dir(),
            source,
        })?;
        repository::write(folder.path(), base_model, output, n_places)?;
        Ok(Self {
            folder,
            dispatcher: ours("epycloud-dispatcher")?,
            cli: ours("epycloud")?,
        })
    }

    /// Runs one stage in a process of its own.
    pub(crate) fn stage(&self, stage: &str, more: &[(&str, &str)]) -> Result<(), Failure> {
        let mut command = Command::new(&self.dispatcher);
        command
            .env_clear()
            .env("STAGE", stage)
            .env("EXECUTION_MODE", "local")
            .env("EXP_ID", "bench")
            .env("RUN_ID", "bench")
            .env("LOCAL_DATA_PATH", self.folder.path().join("local"))
            .env("FORECAST_REPO_DIR", self.folder.path())
            .env("STORAGE_VERBOSE", "false")
            .envs(more.iter().copied());
        answer(&mut command, "").map(drop)
    }

    /// Runs stages A and B.
    pub(crate) fn workflow_without_output(&self) -> Result<(), Failure> {
        self.workflow(&["--skip-output"])
    }

    /// Runs all stages, or those that the options leave.
    pub(crate) fn workflow(&self, options: &[&str]) -> Result<(), Failure> {
        let mut command = Command::new(&self.cli);
        command
            .args(["run", "workflow", "--local", "--quiet", "--exp-id", "bench"])
            .args(["--run-id", "bench", "--project-directory"])
            .arg(self.folder.path())
            .args(options);
        answer(&mut command, "").map(drop)
    }

    pub(crate) fn run_folder(&self) -> PathBuf {
        self.folder
            .path()
            .join("local/bucket/pipeline/flu/bench/bench")
    }
}

/// What a stage said of itself.
pub(crate) fn summary<T: DeserializeOwned>(run: &Path, stage: &str) -> Result<T, Failure> {
    let path = run.join(format!("summaries/json/{stage}_summary.json"));
    let text = std::fs::read_to_string(&path).map_err(|source| Failure::File {
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| Failure::Answer {
        program: path.display().to_string(),
        reason: error.to_string(),
    })
}
