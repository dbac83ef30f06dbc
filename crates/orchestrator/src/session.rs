//! One orchestrator's work on a run, from its first word in the run's record to its last.

use std::sync::Arc;

use epycloud_config::Stage;
use epycloud_errors::chain;
use epycloud_stages::Sha256;

use crate::bookkeeping::{Beginning, Bookkeeping};
use crate::error::OrchestratorError;
use crate::event::{Event, Observer};
use crate::record::{RunRecord, RunStore, StoredSession};
use crate::recorder::Recorder;
use crate::sources::Sources;
use crate::workflow::{Workflow, in_stage};

/// What is known of the run before anything is done.
pub(crate) struct Known {
    pub(crate) store: RunStore,
    pub(crate) previous: Option<RunRecord>,
    pub(crate) sessions: Vec<StoredSession>,
    /// Nothing where the experiment isn't on this machine.
    pub(crate) sources: Option<Sources>,
}

impl Known {
    /// The hash of the output configuration, where it is here.
    pub(crate) fn output_config_sha256(&self) -> Option<Sha256> {
        self.sources.as_ref()?.output_config_sha256
    }

    /// Refuses if somebody is at work on the run.
    pub(crate) fn refuse_others(&self) -> Result<(), OrchestratorError> {
        let mut others = self.sessions.iter().rev();
        match others.find(|other| other.is_at_work()) {
            Some(other) => Err(OrchestratorError::AtWork {
                process: other.session.process.clone(),
                since: other.session.started.clone(),
            }),
            None => Ok(()),
        }
    }
}

impl Workflow {
    /// Reads what there is.
    pub(crate) async fn look(&self) -> Result<Known, OrchestratorError> {
        let store = RunStore::new(self.run.storage.clone(), self.run.layout.clone());
        let unreadable = || OrchestratorError::record("read the run's record");
        let previous = store.run().await.map_err(unreadable())?;
        let sessions = store.sessions().await.map_err(unreadable())?;
        let sources = if self.executor.has_experiment() {
            Some(Sources::read(&self.run).map_err(in_stage(Stage::Builder))?)
        } else {
            None
        };
        Ok(Known {
            store,
            previous,
            sessions,
            sources,
        })
    }

    /// Does some work on the run and keeps in its record what becomes of it. `builds` is why the
    /// tasks are built, if they are; `is_partial` whether what was done lacks tasks.
    pub(crate) async fn session<T>(
        &self,
        known: &Known,
        builds: Option<String>,
        observer: Arc<dyn Observer>,
        work: impl AsyncFnOnce(&Recorder, &mut Bookkeeping) -> Result<T, OrchestratorError>,
        is_partial: impl FnOnce(&T) -> bool,
    ) -> Result<T, OrchestratorError> {
        let beginning = Beginning {
            executor: self.executor.name(),
            cloud: self.executor.cloud(),
            image: self.executor.image(),
            image_file: self.executor.image_file(known.previous.as_ref()).await?,
            builds,
            beside_others: self.options.beside_others,
        };
        let mut books = Bookkeeping::begin(&self.run, known, beginning)
            .await
            .map_err(OrchestratorError::record("begin the session"))?;
        let recorder = Recorder::start(
            observer,
            known.store.clone(),
            books.session.clone(),
            self.log.clone(),
        );
        let outcome = work(&recorder, &mut books).await;
        let observer = Arc::clone(recorder.observer());
        if let Err(error) = self.sweep(&*observer).await {
            let message = format!("containers may be left: {}", chain(&error).join(": "));
            observer.notify(&Event::Warning { message });
        }
        let ended = outcome.as_ref().map(is_partial);
        for written in [recorder.close().await, books.end(ended).await] {
            if let Err(error) = written {
                let message = format!(
                    "the run's record is incomplete: {}",
                    chain(&error).join(": ")
                );
                observer.notify(&Event::Warning { message });
            }
        }
        outcome
    }

    /// Removes what a killed session has left, which would compete with this one; nothing where
    /// others may be at work.
    pub(crate) async fn sweep(&self, observer: &dyn Observer) -> Result<(), OrchestratorError> {
        if self.options.beside_others {
            return Ok(());
        }
        self.executor.sweep(observer).await
    }
}
