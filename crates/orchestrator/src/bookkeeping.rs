//! What an orchestrator writes of itself: its session, and how the run stands.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use epycloud_config::FileName;
use epycloud_errors::{Diagnose as _, ExitCode, chain};
use epycloud_stages::telemetry::Summary;
use epycloud_stages::{BuilderReport, StageRun, TaskList, head_commit};
use epycloud_storage::{StorageError, Summary as SummaryPath};
use jiff::Timestamp;

use crate::data_files::{DataFiles, FileState};
use crate::error::{FailedTask, OrchestratorError};
use crate::record::{
    BuiltRecord, CloudMachines, FORMAT, Machine, MissingResult, OutputsRecord, ProcessName,
    Provenance, RunRecord, RunStatus, RunStore, Session, SessionEnd, TaskCounts, VERSION, new_id,
    timestamp,
};
use crate::session::Known;

/// One orchestrator's work on a run, as it is written down.
pub(crate) struct Bookkeeping {
    pub(crate) store: RunStore,
    pub(crate) session: FileName,
    record: RunRecord,
    /// Whether others may be at work, whose word on the run this one mustn't write over.
    beside_others: bool,
    /// Whether it has written outputs.
    has_written: bool,
}

/// What a session says of itself when it begins.
pub(crate) struct Beginning {
    /// What executes the tasks.
    pub(crate) executor: &'static str,
    /// The cloud's machines that it asks for, if it does.
    pub(crate) cloud: Option<CloudMachines>,
    /// The image that the stages run in.
    pub(crate) image: Option<String>,
    /// That image's file, where it is one.
    pub(crate) image_file: Option<FileState>,
    /// Why the tasks are built, if they are.
    pub(crate) builds: Option<String>,
    /// Whether others may be at work on the run.
    pub(crate) beside_others: bool,
}

impl Bookkeeping {
    /// Begins a session and says so in the run's record.
    pub(crate) async fn begin(
        run: &StageRun,
        known: &Known,
        beginning: Beginning,
    ) -> Result<Self, StorageError> {
        let store = known.store.clone();
        let previous = known.previous.clone();
        let now = timestamp(Timestamp::now());
        let session = Session {
            id: new_id(),
            started: now.clone(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            executor: beginning.executor.to_owned(),
            cloud: beginning.cloud,
            process: ProcessName::this(),
            machine: Machine::here(),
            sources: known.sources.clone(),
            builds: beginning.builds,
        };
        store.save(&session.id, "session.json", &session).await?;
        let is_first = previous.is_none();
        let mut provenance = provenance(run, &session);
        provenance.image = beginning.image;
        provenance.image_file = beginning.image_file;
        let (created, mut sessions, tasks, outputs) = match previous {
            Some(previous) => {
                provenance.data_sha256 = previous.provenance.data_sha256;
                (
                    previous.created,
                    previous.sessions,
                    previous.tasks,
                    previous.outputs,
                )
            }
            None => (now.clone(), Vec::new(), None, None),
        };
        sessions.push(session.id.clone());
        let record = RunRecord {
            format: FORMAT.to_owned(),
            version: VERSION,
            exp_id: run.settings.exp_id.clone(),
            run_id: run.settings.run_id.clone(),
            status: RunStatus::Running,
            error: Vec::new(),
            created,
            updated: now,
            provenance,
            tasks,
            outputs,
            sessions,
        };
        if is_first || !beginning.beside_others {
            store.save_run(&record).await?;
        }
        Ok(Self {
            store,
            session: session.id,
            record,
            beside_others: beginning.beside_others,
            has_written: false,
        })
    }

    /// Writes down that the tasks are built. What they were built from was there when the stage
    /// began.
    pub(crate) async fn built(
        &mut self,
        run: &StageRun,
        report: &BuilderReport,
        list: &TaskList,
        began: SystemTime,
    ) -> Result<(), StorageError> {
        let tasks = list.manifest.tasks.iter();
        let populations = tasks.map(|task| task.population.clone()).collect();
        let is_here = self.record.provenance.sources.is_some();
        let data = is_here.then(|| DataFiles::read(&run.settings.sources, populations, began));
        self.record.provenance.data_sha256 = data.as_ref().and_then(DataFiles::digest);
        let built = BuiltRecord {
            manifest_sha256: report.manifest_sha256,
            duration_millis: (report.duration_secs * 1000.0) as u64,
            data,
        };
        self.store.save(&self.session, "built.json", &built).await
    }

    /// Takes note of the tasks there are, and of the versions that their results are to be of.
    pub(crate) async fn tasks(
        &mut self,
        run: &StageRun,
        list: &TaskList,
        versions: BTreeMap<String, String>,
    ) {
        let provenance = &mut self.record.provenance;
        provenance.manifest_sha256 = Some(list.tasks.manifest_sha256);
        provenance.versions = versions;
        let path = run.layout.summary_json(&SummaryPath::Builder);
        let summary: Option<Summary> = run.storage.load_json(&path).await.ok();
        // Of what is elsewhere, the stage itself has told.
        if provenance.commit.is_none() {
            provenance.commit.clone_from(&list.tasks.commit);
        }
        if provenance.engine_version.is_empty() {
            let told = summary.as_ref().map(|summary| &summary.metadata);
            let told = told.and_then(|metadata| metadata.engine_version.clone());
            provenance.engine_version = told.unwrap_or_default();
        }
        let given = summary.and_then(|summary| summary.configuration.random_seed);
        provenance.random_seed = given.or_else(|| shared_seed(list));
    }

    /// Takes note of how many tasks are done, and of those that failed.
    /// What earlier sessions said of others than `tried` still holds.
    pub(crate) fn counted(
        &mut self,
        list: &TaskList,
        done: u32,
        failed: &[FailedTask],
        tried: &[u32],
    ) {
        let before = self.record.tasks.take();
        let before = before.into_iter().flat_map(|tasks| tasks.missing);
        let untried = before.filter(|missing| !tried.contains(&missing.task));
        let failed = failed.iter().map(|task| MissingResult {
            task: task.task,
            population: list
                .manifest
                .tasks
                .get(task.task as usize)
                .map_or_else(String::new, |entry| entry.population.clone()),
            cause: task.chain.join(": "),
            attempts: task.attempts,
        });
        let mut missing: Vec<MissingResult> = untried.chain(failed).collect();
        missing.sort_by_key(|missing| missing.task);
        self.record.tasks = Some(TaskCounts {
            n: list.n(),
            done,
            missing,
        });
    }

    /// Takes note of what stage C wrote.
    pub(crate) fn outputs(&mut self, outputs: OutputsRecord) {
        self.record.outputs = Some(outputs);
        self.has_written = true;
    }

    /// Ends the session.
    pub(crate) async fn end(
        mut self,
        ended: Result<bool, &OrchestratorError>,
    ) -> Result<(), StorageError> {
        let status = match &ended {
            Ok(false) => RunStatus::Done,
            Ok(true) => RunStatus::Partial,
            Err(OrchestratorError::Stopped { .. }) => RunStatus::Stopped,
            Err(error) if error.exit_code() == ExitCode::Interrupted => RunStatus::Stopped,
            Err(_) => RunStatus::Failed,
        };
        let error = ended.err().map_or_else(Vec::new, |error| chain(error));
        let now = timestamp(Timestamp::now());
        let end = SessionEnd {
            ended: now.clone(),
            status,
            error: error.clone(),
        };
        self.record.status = status;
        self.record.error = error;
        self.record.updated = now;
        if !self.beside_others {
            self.store.save_run(&self.record).await?;
        } else if !self.is_beside_others().await? {
            let record = self.since_then().await?;
            self.store.save_run(&record).await?;
        }
        self.store.save(&self.session, "end.json", &end).await
    }

    async fn is_beside_others(&self) -> Result<bool, StorageError> {
        let mut sessions = self.store.sessions().await?.into_iter();
        Ok(sessions.any(|other| other.session.id != self.session && other.is_at_work()))
    }

    /// The record with what others have written in it meanwhile.
    async fn since_then(&mut self) -> Result<RunRecord, StorageError> {
        let mut record = self.record.clone();
        if let Some(latest) = self.store.run().await? {
            if !self.has_written {
                record.outputs = latest.outputs;
            }
            record.sessions = latest.sessions;
            if !record.sessions.contains(&self.session) {
                record.sessions.push(self.session.clone());
            }
        }
        Ok(record)
    }
}

/// The seed that all tasks have, where it is one: that is the one drawn at the build.
fn shared_seed(list: &TaskList) -> Option<u64> {
    let mut seeds = list.manifest.tasks.iter().map(|task| task.seed);
    let first = seeds.next()??;
    seeds.all(|seed| seed == Some(first)).then_some(first)
}

fn provenance(run: &StageRun, session: &Session) -> Provenance {
    let repository = &run.settings.sources.repository;
    Provenance {
        engine: run.engine.name(),
        engine_version: run.engine.version(),
        versions: run.engine.versions(),
        program_version: session.program_version.clone(),
        image: None,
        image_file: None,
        commit: head_commit(repository),
        dirty: is_dirty(repository),
        sources: session.sources.clone(),
        data_sha256: None,
        manifest_sha256: None,
        random_seed: None,
        output_config: run.settings.output_config_file.clone(),
        machine: session.machine.clone(),
    }
}

/// Whether files of a git repository differ from its commit, if git is there to say so.
fn is_dirty(repository: &Path) -> Option<bool> {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["status", "--porcelain"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(!output.stdout.is_empty())
}
