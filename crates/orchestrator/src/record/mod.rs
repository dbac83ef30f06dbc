//! The record of a run, in the bucket beside its artifacts.
//!
//! `run.json` says how the run stands. Below `state/`, each orchestrator that works on the run has
//! a folder of its own, a *session*: what it found and where it runs (`session.json`, first), that
//! it has built the tasks (`built.json`), every attempt at a task (`attempts-*.jsonl`), what its
//! stages logged (`log-*.txt`), and how it
//! ended (`end.json`, last). Each is written whole and once, so a reader sees no half of anything,
//! two orchestrators never write the same object, and one that is killed loses at most the last
//! second of its attempts. Whether a task is done is never read from here: its result says so.

mod attempt;
mod cloud;
mod find;
mod journal;
mod log;
mod machine;
mod run;
mod session;

use epycloud_config::FileName;
use epycloud_storage::{LoadOptions, RunLayout, SaveOptions, Storage, StorageError, StoragePath};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use attempt::{Attempt, Blame, Outcome, shared_cause};
pub use cloud::{CloudMachine, CloudMachines};
pub use find::{FoundRun, find_runs};
pub use log::LogTap;
pub use machine::{Machine, ProcessName};
pub use run::{
    FORMAT, MissingResult, OutputsRecord, Provenance, RunRecord, RunStatus, TaskCounts, VERSION,
};
pub use session::{BuiltRecord, ProgressRecord, Session, SessionEnd, StoredSession};

pub(crate) use journal::Journal;
pub(crate) use machine::{field, meminfo_mib};
pub(crate) use session::{new_id, timestamp};

/// How many sessions are read at the same time.
const CONCURRENT_READS: usize = 8;

/// The record of one run.
#[derive(Debug, Clone)]
pub struct RunStore {
    storage: Storage,
    layout: RunLayout,
}

impl RunStore {
    /// The record of the run that lies there.
    #[must_use]
    pub const fn new(storage: Storage, layout: RunLayout) -> Self {
        Self { storage, layout }
    }

    /// Where the run lies, in full.
    #[must_use]
    pub fn url(&self) -> String {
        self.storage.url_of(self.layout.root())
    }

    /// `run.json`, if there is one.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn run(&self) -> Result<Option<RunRecord>, StorageError> {
        self.load(&self.layout.run_record()).await
    }

    /// Replaces `run.json`.
    ///
    /// # Errors
    /// When it isn't written.
    pub(crate) async fn save_run(&self, record: &RunRecord) -> Result<(), StorageError> {
        let path = self.layout.run_record();
        self.storage.save_json(&path, record).await.map(drop)
    }

    /// The sessions, the first one first. What isn't a session is passed over: a folder whose
    /// `session.json` is missing was made by nobody who went on.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn sessions(&self) -> Result<Vec<StoredSession>, StorageError> {
        let sessions: Vec<Option<StoredSession>> = stream::iter(self.session_names().await?)
            .map(|name| self.session(name))
            .buffered(CONCURRENT_READS)
            .try_collect()
            .await?;
        Ok(sessions.into_iter().flatten().collect())
    }

    async fn session_names(&self) -> Result<Vec<FileName>, StorageError> {
        let folder = self.layout.sessions();
        let prefix = format!("{folder}/");
        let mut names: Vec<FileName> = self
            .storage
            .list_stream(&folder)
            .try_filter_map(|object| {
                let name = object
                    .path
                    .as_str()
                    .strip_prefix(&prefix)
                    .and_then(|rest| rest.strip_suffix("/session.json"))
                    .and_then(|name| name.parse().ok());
                std::future::ready(Ok(name))
            })
            .try_collect()
            .await?;
        names.sort_unstable();
        Ok(names)
    }

    async fn session(&self, name: FileName) -> Result<Option<StoredSession>, StorageError> {
        let at = |file: &str| self.file(&name, file);
        let Some(session) = self.load(&at("session.json")).await? else {
            return Ok(None);
        };
        Ok(Some(StoredSession {
            session,
            built: self.load(&at("built.json")).await?,
            progress: self.load(&at("progress.json")).await?,
            end: self.load(&at("end.json")).await?,
        }))
    }

    /// Every attempt of a session, in the order in which they ended, handed on one by one.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn attempts(
        &self,
        session: &FileName,
        mut each: impl FnMut(Attempt),
    ) -> Result<(), StorageError> {
        for number in 0.. {
            let path = self.file(session, &journal::chunk_name(number));
            let bytes = match self
                .storage
                .load_bytes(&path, &LoadOptions::default())
                .await
            {
                Ok(bytes) => bytes,
                Err(StorageError::Missing { .. }) => break,
                Err(error) => return Err(error),
            };
            for line in bytes.split(|byte| *byte == b'\n') {
                // Lines of a version that says more are skipped rather than misread.
                if let Ok(attempt) = serde_json::from_slice(line) {
                    each(attempt);
                }
            }
        }
        Ok(())
    }

    /// Every chunk of a session's log from one on, handed on one by one; returns the number of the
    /// chunk that comes next.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn log(
        &self,
        session: &FileName,
        from: u32,
        mut each: impl FnMut(&str),
    ) -> Result<u32, StorageError> {
        let mut number = from;
        loop {
            let path = self.file(session, &journal::log_name(number));
            let bytes = match self
                .storage
                .load_bytes(&path, &LoadOptions::default())
                .await
            {
                Ok(bytes) => bytes,
                Err(StorageError::Missing { .. }) => return Ok(number),
                Err(error) => return Err(error),
            };
            each(&String::from_utf8_lossy(&bytes));
            number += 1;
        }
    }

    /// Writes one of a session's files.
    ///
    /// # Errors
    /// When it isn't written.
    pub(crate) async fn save<T: Serialize + Sync>(
        &self,
        session: &FileName,
        file: &str,
        value: &T,
    ) -> Result<(), StorageError> {
        let path = self.file(session, file);
        self.storage.save_json(&path, value).await.map(drop)
    }

    async fn save_chunk(
        &self,
        session: &FileName,
        name: &str,
        lines: String,
    ) -> Result<(), StorageError> {
        let path = self.file(session, name);
        let options = SaveOptions::default();
        self.storage
            .save_bytes(&path, lines, &options)
            .await
            .map(drop)
    }

    fn file(&self, session: &FileName, file: &str) -> StoragePath {
        let file = file.parse().expect("the names of this module are names");
        self.layout.session_file(session, &file)
    }

    async fn load<T: DeserializeOwned>(
        &self,
        path: &StoragePath,
    ) -> Result<Option<T>, StorageError> {
        match self.storage.load_json(path).await {
            Ok(value) => Ok(Some(value)),
            Err(StorageError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
