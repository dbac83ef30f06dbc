//! `index.json`: what a folder of outputs has, and which tasks it lacks.

use std::collections::BTreeMap;

use epycloud_config::{EngineName, ExpId, FileName, RunId};
use epycloud_storage::Saved;
use serde::{Deserialize, Serialize};

use super::MissingTask;
use crate::error::StageError;
use crate::hash::Sha256;
use crate::run::StageRun;
use crate::tasks::TaskList;

/// The value of an index's `format`.
const FORMAT: &str = "epycloud-outputs";
/// The version written.
const VERSION: u32 = 1;

/// `outputs/{folder}/index.json`, written last: a folder without it is unfinished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputIndex {
    /// `epycloud-outputs`.
    pub format: String,
    /// 1.
    pub version: u32,
    /// The experiment.
    pub exp_id: ExpId,
    /// The run.
    pub run_id: RunId,
    /// The engine that wrote the outputs.
    pub engine: EngineName,
    /// Versions of what it used.
    pub versions: BTreeMap<String, String>,
    /// Hash of the model configuration.
    pub config_sha256: Sha256,
    /// The generation: hash of the manifest.
    pub manifest_sha256: Sha256,
    /// Number of tasks.
    pub n: u32,
    /// Which tasks the outputs have and which they lack.
    pub tasks: IncludedTasks,
    /// The files, `index.json` left out.
    pub files: Vec<IndexedFile>,
}

/// Which tasks the outputs have and which they lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncludedTasks {
    /// Indices of those they have.
    pub included: Vec<u32>,
    /// Those they lack.
    pub missing: Vec<MissingTask>,
}

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedFile {
    /// Its name.
    pub name: FileName,
    /// Its size.
    pub bytes: u64,
    /// Hash of its bytes.
    pub sha256: Sha256,
}

impl IndexedFile {
    pub(super) fn new(name: &FileName, saved: &Saved) -> Result<Self, StageError> {
        let sha256 = saved
            .sha256
            .parse()
            .map_err(|source| StageError::Hash { source })?;
        Ok(Self {
            name: name.clone(),
            bytes: saved.bytes,
            sha256,
        })
    }
}

impl OutputIndex {
    pub(super) fn new(
        run: &StageRun,
        list: &TaskList,
        files: &[IndexedFile],
        missing: &[MissingTask],
    ) -> Self {
        let is_missing = |index: &u32| missing.iter().any(|task| task.index == *index);
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            exp_id: run.settings.exp_id.clone(),
            run_id: run.settings.run_id.clone(),
            engine: run.engine.name(),
            versions: run.engine.versions(),
            config_sha256: list.manifest.config_sha256,
            manifest_sha256: list.tasks.manifest_sha256,
            n: list.n(),
            tasks: IncludedTasks {
                included: (0..list.n()).filter(|index| !is_missing(index)).collect(),
                missing: missing.to_vec(),
            },
            files: files.to_vec(),
        }
    }
}
