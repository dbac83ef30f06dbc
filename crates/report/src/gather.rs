//! What a run has kept, brought together.

use epycloud_orchestrator::record::{Attempt, RunRecord, RunStore, StoredSession};
use epycloud_orchestrator::stored_results;
use epycloud_stages::manifest::Manifest;
use epycloud_storage::{LoadOptions, RunLayout, Storage, StorageError};

use crate::error::ReportError;
use crate::fan::{self, FanSet};
use crate::fit::{self, Fit};
use crate::resources::Resources;

/// How many attempts the timeline shows.
const SHOWN_ATTEMPTS: usize = 3_000;

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// Its result is stored.
    Done,
    /// It has none, and its last attempt failed.
    Failed,
    /// It has none, and nobody has tried to the end.
    Waiting,
}

/// A task and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    /// Its index.
    pub index: u32,
    /// epydemix name of its population.
    pub population: String,
    /// Seed of its random stream.
    pub seed: Option<u64>,
    /// How it stands.
    pub state: TaskState,
    /// How many attempts there were.
    pub attempts: u32,
    /// How long the last one took, in seconds.
    pub duration_secs: Option<f64>,
    /// The most memory that its attempts held, in MiB.
    pub peak_memory_mib: Option<f64>,
    /// The last attempt that failed.
    pub failure: Option<Box<Attempt>>,
}

/// What a run has kept.
#[derive(Debug, Clone)]
pub struct RunData {
    /// Its record.
    pub record: RunRecord,
    /// Its sessions, the first one first.
    pub sessions: Vec<StoredSession>,
    /// Its tasks, in order.
    pub tasks: Vec<TaskRow>,
    /// The first of its attempts, in the order in which they ended.
    pub attempts: Vec<Attempt>,
    /// How many there are.
    pub n_attempts: usize,
    /// How long those took that came to nothing, in seconds.
    pub lost_secs: f64,
    /// What its stages took.
    pub resources: Resources,
    /// The main output of the first tasks over time.
    pub(crate) fans: Option<FanSet>,
    /// How its calibrations fit.
    pub(crate) fit: Option<Fit>,
}

impl RunData {
    /// Reads what there is.
    ///
    /// # Errors
    /// When the run has no record, or the storage refuses.
    pub async fn gather(storage: &Storage, layout: &RunLayout) -> Result<Self, ReportError> {
        let refused = |source| ReportError::Storage {
            doing: "read what the run has kept",
            source,
        };
        let store = RunStore::new(storage.clone(), layout.clone());
        let Some(record) = store.run().await.map_err(refused)? else {
            return Err(ReportError::NoRecord {
                path: storage.url_of(&layout.run_record()),
            });
        };
        let sessions = store.sessions().await.map_err(refused)?;
        let mut tasks = tasks(storage, layout).await.map_err(refused)?;
        let mut attempts = Vec::new();
        let mut n_attempts = 0;
        let mut lost_secs = 0.0;
        let mut tasks_secs = Vec::with_capacity(sessions.len());
        for session in &sessions {
            let mut secs = 0.0;
            store
                .attempts(&session.session.id, |attempt| {
                    n_attempts += 1;
                    secs += attempt.duration_secs;
                    if !attempt.is_done() {
                        lost_secs += attempt.duration_secs;
                    }
                    if let Some(task) = tasks.get_mut(attempt.task as usize) {
                        task.take(&attempt);
                    }
                    if attempts.len() < SHOWN_ATTEMPTS {
                        attempts.push(attempt);
                    }
                })
                .await
                .map_err(refused)?;
            tasks_secs.push(secs);
        }
        let resources = Resources::of(storage, layout, (&sessions, &tasks_secs), &tasks)
            .await
            .map_err(refused)?;
        let (mut fit, mut fans) = (None, None);
        if let Some(outputs) = &record.outputs {
            fit = fit::read(storage, layout, outputs).await;
            fans = fan::read(storage, layout, outputs, fit.as_ref()).await;
        }
        Ok(Self {
            record,
            sessions,
            tasks,
            attempts,
            n_attempts,
            lost_secs,
            resources,
            fans,
            fit,
        })
    }
}

impl TaskRow {
    fn take(&mut self, attempt: &Attempt) {
        self.attempts += 1;
        self.duration_secs = Some(attempt.duration_secs);
        self.peak_memory_mib = match (self.peak_memory_mib, attempt.peak_memory_mib) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
        if attempt.error.is_empty() {
            return;
        }
        self.failure = Some(Box::new(attempt.clone()));
        if self.state == TaskState::Waiting {
            self.state = TaskState::Failed;
        }
    }
}

/// The tasks that the manifest lists; none before it is there.
async fn tasks(storage: &Storage, layout: &RunLayout) -> Result<Vec<TaskRow>, StorageError> {
    let bytes = match storage
        .load_bytes(&layout.manifest(), &LoadOptions::default())
        .await
    {
        Ok(bytes) => bytes,
        Err(StorageError::Missing { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let Ok(manifest) = Manifest::decode(&bytes) else {
        return Ok(Vec::new());
    };
    let stored = stored_results(storage, layout, manifest.n).await?;
    let row = |(task, is_stored): (epycloud_stages::manifest::TaskEntry, bool)| TaskRow {
        index: task.index,
        population: task.population,
        seed: task.seed,
        state: if is_stored {
            TaskState::Done
        } else {
            TaskState::Waiting
        },
        attempts: 0,
        duration_secs: None,
        peak_memory_mib: None,
        failure: None,
    };
    Ok(manifest.tasks.into_iter().zip(stored).map(row).collect())
}
