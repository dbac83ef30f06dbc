//! Storing the tasks' inputs while the engine builds them.

use std::collections::BTreeMap;
use std::pin::pin;

use epycloud_config::{EngineName, TaskIndex};
use epycloud_storage::{LoadOptions, SaveOptions, StorageError};
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::{OnceCell, mpsc};

use crate::artifact::{Artifact, ArtifactKind, Header};
use crate::blocking::blocking;
use crate::engine::{Build, BuiltTask, EngineFailure};
use crate::error::StageError;
use crate::hash::Sha256;
use crate::manifest::TaskEntry;
use crate::run::StageRun;
use crate::tasks::TaskList;

/// How many inputs are stored at the same time; object stores answer slowly and in parallel.
const CONCURRENT_WRITES: usize = 8;
/// How many built inputs wait to be stored.
const WAITING: usize = 2;

/// What all inputs of a run have in common.
pub(super) struct Common {
    engine: EngineName,
    versions: BTreeMap<String, String>,
    workflow: String,
    config_sha256: Sha256,
}

/// The inputs, once they are stored.
pub(super) struct Stored {
    /// For the manifest, by index.
    pub(super) entries: Vec<TaskEntry>,
    /// How many weren't there already.
    pub(super) written: u32,
}

/// An input that is ready to be stored.
struct Encoded {
    entry: TaskEntry,
    bytes: Vec<u8>,
}

impl Common {
    pub(super) fn new(run: &StageRun, workflow: &str, config_sha256: Sha256) -> Self {
        Self {
            engine: run.engine.name(),
            versions: run.engine.versions(),
            workflow: workflow.to_owned(),
            config_sha256,
        }
    }

    fn header(&self, task: &BuiltTask) -> Header {
        Header {
            kind: ArtifactKind::Input,
            engine: self.engine,
            primary_id: task.primary_id,
            population: task.population.clone(),
            seed: task.seed,
            delta_t: task.delta_t,
            workflow: self.workflow.clone(),
            versions: self.versions.clone(),
            config_sha256: self.config_sha256,
            input_sha256: None,
        }
    }
}

/// The tasks that an earlier stage A has left, if it finished. What it left unusable is removed,
/// so that nothing begins with it while this one is at work.
pub(super) async fn previous(run: &StageRun) -> Result<Option<TaskList>, StageError> {
    match TaskList::read(run).await {
        Ok(list) => Ok(Some(list)),
        Err(StageError::NotBuilt { .. } | StageError::OnlyNumTasks { .. }) => Ok(None),
        Err(StageError::Storage { doing, source })
            if !matches!(
                source,
                StorageError::Missing { .. } | StorageError::Corrupt { .. }
            ) =>
        {
            Err(StageError::Storage { doing, source })
        }
        Err(_) => {
            invalidate(run).await?;
            Ok(None)
        }
    }
}

/// Stores every input as the engine builds it.
pub(super) async fn store(
    run: &StageRun,
    build: Build,
    common: Common,
    previous: Option<&TaskList>,
) -> Result<Stored, StageError> {
    let announced = build.n;
    let (sender, receiver) = mpsc::channel(WAITING);
    let producing = tokio::spawn(blocking("building the tasks", move || {
        produce(build, &common, &sender);
    }));
    let inputs = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|input| (input, receiver))
    });
    let invalidated = OnceCell::new();
    let mut stored = Stored {
        entries: Vec::new(),
        written: 0,
    };
    let storing = inputs
        .map(|input: Result<Encoded, StageError>| async {
            store_one(run, announced, previous, &invalidated, input?).await
        })
        .buffered(CONCURRENT_WRITES);
    let mut storing = pin!(storing);
    while let Some((entry, written)) = storing.try_next().await? {
        stored.entries.push(entry);
        stored.written += u32::from(written);
        run.progress.built(count(stored.entries.len()), announced);
    }
    producing
        .await
        .map_err(StageError::bug("building the tasks"))??;
    match count(stored.entries.len()) {
        built if built == announced => Ok(stored),
        built => Err(StageError::TaskCount { announced, built }),
    }
}

fn count(entries: usize) -> u32 {
    u32::try_from(entries).unwrap_or(u32::MAX)
}

/// Builds and encodes the inputs until there are no more or nobody stores them.
fn produce(build: Build, common: &Common, sender: &mpsc::Sender<Result<Encoded, StageError>>) {
    let n = build.n;
    for (index, task) in (0..).zip(build.tasks) {
        let input = encode(common, TaskIndex::new(index), n, task);
        let failed = input.is_err();
        if sender.blocking_send(input).is_err() || failed {
            return;
        }
    }
}

fn encode(
    common: &Common,
    index: TaskIndex,
    n: u32,
    task: Result<BuiltTask, EngineFailure>,
) -> Result<Encoded, StageError> {
    let doing = || format!("build task {index}");
    let task = task.map_err(|source| StageError::Engine {
        engine: common.engine,
        doing: doing(),
        source,
    })?;
    let header = common.header(&task);
    let file = format!("input_{}.pkl.gz", index.file_digits(n));
    let artifact = Artifact {
        header,
        payload: task.payload,
    };
    let bytes = artifact.encode().map_err(|source| StageError::Encode {
        path: file.clone(),
        source,
    })?;
    let entry = TaskEntry {
        index: index.get(),
        primary_id: task.primary_id,
        population: task.population,
        seed: task.seed,
        file,
        sha256: Sha256::of(&bytes),
        bytes: bytes.len() as u64,
    };
    Ok(Encoded { entry, bytes })
}

/// Stores an input unless it is there already; whether it was written.
async fn store_one(
    run: &StageRun,
    n: u32,
    previous: Option<&TaskList>,
    invalidated: &OnceCell<()>,
    Encoded { entry, bytes }: Encoded,
) -> Result<(TaskEntry, bool), StageError> {
    let path = run.layout.input(TaskIndex::new(entry.index), n);
    if let Some(previous) = previous {
        let listed = previous.manifest.task(TaskIndex::new(entry.index));
        if listed.is_some_and(|old| old.sha256 == entry.sha256 && old.file == entry.file) {
            let stored = run.storage.load_bytes(&path, &LoadOptions::default()).await;
            if stored.is_ok_and(|stored| stored == bytes) {
                return Ok((entry, false));
            }
        } else {
            invalidated.get_or_try_init(|| invalidate(run)).await?;
        }
    }
    run.storage
        .save_bytes(&path, bytes, &SaveOptions::default())
        .await
        .map_err(StageError::storage(format!(
            "store the input of task {}",
            entry.index
        )))?;
    Ok((entry, true))
}

/// Makes the run count as not built.
async fn invalidate(run: &StageRun) -> Result<(), StageError> {
    match run.storage.delete(&run.layout.tasks()).await {
        Ok(()) | Err(StorageError::Missing { .. }) => Ok(()),
        Err(error) => Err(StageError::storage("withdraw the earlier build")(error)),
    }
}
