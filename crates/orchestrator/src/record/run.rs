//! `run.json`: the state of a run, and all that is needed to repeat it.

use std::collections::BTreeMap;

use epycloud_config::{EngineName, ExpId, FileName, RunId};
use epycloud_stages::Sha256;
use epycloud_stages::output::IndexedFile;
use serde::{Deserialize, Serialize};

use super::machine::Machine;
use crate::data_files::FileState;
use crate::sources::Sources;

/// The value of a record's `format`.
pub const FORMAT: &str = "epycloud-run";
/// The version written.
pub const VERSION: u32 = 1;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Somebody is at work on it, or was when it was killed.
    Running,
    /// All that was asked for is there.
    Done,
    /// The outputs lack tasks.
    Partial,
    /// Something failed.
    Failed,
    /// The user, or the machine, stopped it.
    Stopped,
}

impl RunStatus {
    /// As it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The experiment.
    pub exp_id: ExpId,
    /// The run.
    pub run_id: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// Why it failed, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error: Vec<String>,
    /// When its first session began, UTC.
    pub created: String,
    /// When this was written, UTC.
    pub updated: String,
    /// What is needed to repeat it.
    pub provenance: Provenance,
    /// Its tasks; nothing before they are built.
    pub tasks: Option<TaskCounts>,
    /// What stage C wrote last.
    pub outputs: Option<OutputsRecord>,
    /// Its sessions, the first one first.
    pub sessions: Vec<FileName>,
}

/// What is needed to repeat a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The engine.
    pub engine: EngineName,
    /// Its version.
    pub engine_version: String,
    /// Versions of what does the modelling.
    pub versions: BTreeMap<String, String>,
    /// Version of this program.
    pub program_version: String,
    /// The image that the stages ran in, if they did: its name and what that stood for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The image's file, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_file: Option<FileState>,
    /// Commit of the forecast repository, if it is a git repository.
    pub commit: Option<String>,
    /// Whether its files differed from that commit; null when that isn't known.
    pub dirty: Option<bool>,
    /// The experiment's files and the data they name, with their hashes; nothing
    /// where the experiment isn't on its machine: the commit says it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Sources>,
    /// One hash of the population data and tables that the tasks were built from; the record of
    /// the session that built them names each file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<Sha256>,
    /// The generation of the tasks: hash of the manifest, which has each task's seed and hash.
    pub manifest_sha256: Option<Sha256>,
    /// Seed of the experiment, given or drawn.
    pub random_seed: Option<u64>,
    /// Output configuration asked for, instead of the one that is found.
    pub output_config: Option<FileName>,
    /// The machine of the last session.
    pub machine: Machine,
}

/// How many tasks there are, and which have no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCounts {
    /// Number of tasks.
    pub n: u32,
    /// Tasks with a result that counts.
    pub done: u32,
    /// The others, in order.
    pub missing: Vec<MissingResult>,
}

/// A task without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingResult {
    /// The task's index.
    pub task: u32,
    /// epydemix name of its population.
    pub population: String,
    /// Why it has none.
    pub cause: String,
    /// Attempts in the session that failed last.
    pub attempts: u32,
}

/// What stage C wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputsRecord {
    /// The folder below `outputs/`.
    pub folder: FileName,
    /// The files with their hashes.
    pub files: Vec<IndexedFile>,
    /// Tasks that they lack.
    pub missing: Vec<u32>,
    /// Hash of the output configuration that they were made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_sha256: Option<Sha256>,
}
