//! The results of a run, read ahead of the engine that uses them.

use std::sync::Arc;

use epycloud_config::FileName;
use epycloud_config::yaml::Document;
use epycloud_errors::Diagnose;
use futures::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tracing::warn;

use super::sink::{self, ChannelSink};
use super::{IndexedFile, MissingTask};
use crate::artifact::Artifact;
use crate::blocking::blocking;
use crate::engine::{EngineFailure, OutputSummary, ResultStream};
use crate::error::StageError;
use crate::progress::Progress;
use crate::run::StageRun;
use crate::tasks::TaskList;

/// How many results are loaded and unpacked at the same time.
const LOADING: usize = 2;
/// How many loaded results wait for the engine.
const WAITING: usize = 1;

/// What came of the results.
pub(super) struct Made {
    pub(super) files: Vec<IndexedFile>,
    pub(super) missing: Vec<MissingTask>,
    pub(super) summary: OutputSummary,
}

/// One task's result, or why there is none.
type Loaded = Result<Artifact, MissingTask>;

/// Reads the results one by one, has the engine make files of them, and stores the files while
/// they grow. Nothing appears unless all went well. Few results are in memory at any time.
pub(super) async fn through_engine(
    run: &StageRun,
    list: &TaskList,
    config: &Document,
    folder: &FileName,
) -> Result<Made, StageError> {
    let n = list.n();
    let (sender, receiver) = mpsc::channel(WAITING);
    let (file_sink, mut files) = sink::channel();
    let results = ReceivedResults::new(run, n, receiver);
    let engine = tokio::spawn(in_engine(run.clone(), config.clone(), results, file_sink));
    let (missing, stored) = tokio::join!(load_all(run, list, sender), files.store(run, folder));
    let made = engine
        .await
        .map_err(StageError::bug("writing the outputs"))?;
    if missing.len() == n as usize {
        return Err(StageError::NoResults { missing, n });
    }
    stored?;
    match made {
        Err(error) if !is_stopped(&error) => Err(error),
        Err(_) => Err(StageError::Results { missing, n }),
        Ok(summary) => Ok(Made {
            files: files.finish().await?,
            missing,
            summary,
        }),
    }
}

/// Loads every result and hands it on, until the engine wants no more. Where results must be
/// complete, the engine is stopped by the first that is missing, and the others are loaded only
/// to name all that are.
async fn load_all(
    run: &StageRun,
    list: &TaskList,
    sender: mpsc::Sender<Loaded>,
) -> Vec<MissingTask> {
    let mut loading = stream::iter(&list.manifest.tasks)
        .map(|task| async move {
            let result = list.result(run, task).await;
            let failure = run.settings.known_failures.get(&task.index);
            result.map_err(|problem| MissingTask::new(task, &problem, failure))
        })
        .buffered(LOADING);
    let mut missing = Vec::new();
    let mut sender = Some(sender);
    while let Some(loaded) = loading.next().await {
        let stops = loaded.is_err() && !run.settings.allow_partial_results;
        if let Err(task) = &loaded {
            warn!(cause = task.cause.as_str(), "no result of {task}");
            missing.push(task.clone());
        }
        let Some(engine) = &sender else { continue };
        if engine.send(loaded).await.is_err() {
            break;
        }
        if stops {
            sender = None;
        }
    }
    missing
}

/// Runs the engine on a thread of its own.
async fn in_engine(
    run: StageRun,
    config: Document,
    mut results: ReceivedResults,
    mut sink: ChannelSink,
) -> Result<OutputSummary, StageError> {
    let (engine, name) = (Arc::clone(&run.engine), run.engine.name());
    blocking("writing the outputs", move || {
        engine.output(&config, &mut results, &mut sink)
    })
    .await?
    .map_err(|source| StageError::Engine {
        engine: name,
        doing: "write the outputs".to_owned(),
        source,
    })
}

/// The engine's end of the results.
struct ReceivedResults {
    receiver: mpsc::Receiver<Loaded>,
    progress: Arc<dyn Progress>,
    partial: bool,
    n: u32,
    handed_on: u32,
    missing: Vec<MissingTask>,
}

/// Why the engine is to stop; the results' own problems are reported instead.
#[derive(Debug, thiserror::Error)]
#[error("results are missing")]
struct Stopped;

impl Diagnose for Stopped {}

fn is_stopped(error: &StageError) -> bool {
    matches!(error, StageError::Engine { source, .. } if source.error().is::<Stopped>())
}

impl ReceivedResults {
    fn new(run: &StageRun, n: u32, receiver: mpsc::Receiver<Loaded>) -> Self {
        Self {
            receiver,
            progress: Arc::clone(&run.progress),
            partial: run.settings.allow_partial_results,
            n,
            handed_on: 0,
            missing: Vec::new(),
        }
    }
}

impl ResultStream for ReceivedResults {
    fn next(&mut self) -> Result<Option<Artifact>, EngineFailure> {
        while let Some(loaded) = self.receiver.blocking_recv() {
            match loaded {
                Ok(artifact) => {
                    self.handed_on += 1;
                    self.progress.read(self.handed_on, self.n);
                    return Ok(Some(artifact));
                }
                Err(task) if self.partial => self.missing.push(task),
                Err(_) => return Err(EngineFailure::new(Stopped)),
            }
        }
        // Outputs of nothing would only look like outputs.
        if self.handed_on == 0 {
            Err(EngineFailure::new(Stopped))
        } else {
            Ok(None)
        }
    }

    fn missing(&self) -> &[MissingTask] {
        &self.missing
    }
}
