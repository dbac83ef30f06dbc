//! Where an interrupted task stood, kept beside the results while it runs.

use epycloud_config::TaskIndex;
use epycloud_errors::chain;
use epycloud_storage::{SaveOptions, StoragePath};
use tokio::runtime::Handle;
use tracing::{info, warn};

use crate::artifact::{Artifact, ArtifactKind, Header, Payload};
use crate::engine::TaskWatch;
use crate::loading::ArtifactProblem;
use crate::manifest::TaskEntry;
use crate::run::StageRun;
use crate::tasks::TaskList;

/// Follows one task: passes on how far it is, and keeps its checkpoint.
///
/// A checkpoint is a convenience: one that can't be read means starting over, one that can't be
/// stored is a warning.
pub(crate) struct Watch {
    run: StageRun,
    index: TaskIndex,
    path: StoragePath,
    /// What an artifact of this task says about itself.
    header: Header,
    earlier: Option<Payload>,
    runtime: Handle,
}

impl Watch {
    /// Loads what an earlier attempt at the same input has left.
    pub(crate) async fn open(
        run: &StageRun,
        list: &TaskList,
        task: &TaskEntry,
        header: &Header,
    ) -> Self {
        let index = TaskIndex::new(task.index);
        let path = run.layout.checkpoint(index, list.n());
        let earlier = match list.checkpoint(run, task).await {
            Ok(artifact) if artifact.header.versions == header.versions => {
                info!("task {index} goes on from its checkpoint");
                Some(artifact.payload)
            }
            Ok(_) => {
                warn!("task {index} starts over: its checkpoint is of another version");
                None
            }
            Err(ArtifactProblem::Missing { .. }) => None,
            Err(problem) => {
                warn!("task {index} starts over: {}", chain(&problem).join(": "));
                None
            }
        };
        Self {
            run: run.clone(),
            index,
            path,
            header: Header {
                kind: ArtifactKind::Checkpoint,
                ..header.clone()
            },
            earlier,
            runtime: Handle::current(),
        }
    }

    /// Removes the checkpoint of a task that is done.
    pub(crate) async fn clear(run: &StageRun, index: TaskIndex, n_tasks: u32) {
        let path = run.layout.checkpoint(index, n_tasks);
        let removed = match run.storage.exists(&path).await {
            Ok(true) => run.storage.delete(&path).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            warn!(
                "could not remove the checkpoint of task {index}: {}",
                chain(&error).join(": ")
            );
        }
    }
}

impl TaskWatch for Watch {
    fn progress(&mut self, done: u32, of: u32) {
        self.run.progress.simulated(self.index, done, of);
    }

    fn earlier(&mut self) -> Option<Payload> {
        self.earlier.take()
    }

    fn checkpoint(&mut self, payload: Payload) {
        let artifact = Artifact {
            header: self.header.clone(),
            payload,
        };
        let stored = artifact.encode().map_err(|error| chain(&error).join(": "));
        let stored = stored.and_then(|bytes| {
            self.runtime
                .block_on(
                    self.run
                        .storage
                        .save_bytes(&self.path, bytes, &SaveOptions::default()),
                )
                .map_err(|error| chain(&error).join(": "))
        });
        if let Err(reason) = stored {
            warn!(
                "could not store a checkpoint of task {}: {reason}",
                self.index
            );
        }
    }
}
