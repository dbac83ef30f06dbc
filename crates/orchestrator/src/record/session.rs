//! What one orchestrator writes of its work on a run, each piece whole and once.

use std::time::Duration;

use epycloud_config::FileName;
use epycloud_stages::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cloud::CloudMachines;
use super::machine::{Machine, ProcessName};
use super::run::RunStatus;
use crate::data_files::DataFiles;
use crate::sources::Sources;

/// How long an orchestrator on another machine may be silent and still be at work.
const SILENCE: Duration = Duration::from_secs(45);

/// `state/{session}/session.json`, written first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its name: the time it began, and something that tells two of one moment apart.
    pub id: FileName,
    /// When it began, UTC.
    pub started: String,
    /// Version of this program.
    pub program_version: String,
    /// What executes the tasks: `local`, `docker`, `slurm`, `batch`.
    pub executor: String,
    /// The cloud's machines that it asks for, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<CloudMachines>,
    /// The process.
    pub process: ProcessName,
    /// The machine it is on.
    pub machine: Machine,
    /// What it found the experiment to be; nothing
    /// where the experiment isn't on its machine: the commit says it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Sources>,
    /// Why it builds the tasks, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub builds: Option<String>,
}

/// `state/{session}/built.json`: that it has built the tasks, written after they are complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltRecord {
    /// The generation: hash of the manifest.
    pub manifest_sha256: Sha256,
    /// How long it took, in seconds, by thousandths.
    pub duration_millis: u64,
    /// The population data and tables that they were built from; none in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataFiles>,
}

/// `state/{session}/end.json`, written last; a session without it was killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// When it ended, UTC.
    pub ended: String,
    /// How.
    pub status: RunStatus,
    /// Why, if it wasn't well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error: Vec<String>,
}

/// `state/{session}/progress.json`: how far it is, replaced about once a second; nothing that a
/// later session depends on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProgressRecord {
    /// When this was written, UTC.
    pub updated: String,
    /// The stage at hand, by its letter.
    pub stage: Option<char>,
    /// Number of tasks of the run.
    pub n: u32,
    /// Tasks whose result was there already.
    pub kept: u32,
    /// Tasks to run in this session.
    pub to_run: u32,
    /// Tasks of this session that are done.
    pub done: u32,
    /// Tasks of this session that have failed for good.
    pub failed: u32,
    /// Tasks that run.
    pub running: u32,
    /// Attempts that failed and were followed, or will be, by another.
    pub retried: u32,
    /// Seconds since stage B began in this session.
    pub stage_secs: f64,
}

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSession {
    /// What it said first.
    pub session: Session,
    /// That it built the tasks.
    pub built: Option<BuiltRecord>,
    /// How far it got.
    pub progress: Option<ProgressRecord>,
    /// How it ended.
    pub end: Option<SessionEnd>,
}

impl StoredSession {
    /// Whether it is still at work: its process lives, or, on another machine, was heard of
    /// lately.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        if self.end.is_some() {
            return false;
        }
        self.session
            .process
            .is_alive()
            .unwrap_or_else(|| self.silent_for().is_none_or(|silent| silent < SILENCE))
    }

    fn silent_for(&self) -> Option<Duration> {
        let heard = self
            .progress
            .as_ref()
            .map_or(&self.session.started, |progress| &progress.updated);
        let heard: Timestamp = heard.parse().ok()?;
        Duration::try_from(Timestamp::now().duration_since(heard)).ok()
    }
}

/// A time as the record has it: RFC 3339, UTC, milliseconds.
pub(crate) fn timestamp(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A new session's name; later ones sort after earlier ones.
pub(crate) fn new_id() -> FileName {
    let now = Timestamp::now();
    let name = format!(
        "{}.{:03}-{:x}",
        now.strftime("%Y%m%d-%H%M%S"),
        now.subsec_millisecond(),
        std::process::id()
    );
    name.parse().expect("digits, a dot and dashes are a name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sessions_sort_by_time() {
        let first = new_id();
        std::thread::sleep(Duration::from_millis(2));
        assert!(first < new_id());
    }
}
