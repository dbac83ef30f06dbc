//! Stage A or C by itself, kept in the run's record as a workflow's stages are.

use std::sync::Arc;

use epycloud_stages::{BuilderReport, OutputReport, TaskList};

use crate::bookkeeping::Bookkeeping;
use crate::error::OrchestratorError;
use crate::event::Observer;
use crate::recorder::Recorder;
use crate::workflow::Workflow;

impl Workflow {
    /// Runs stage A alone, whatever is built already.
    ///
    /// # Errors
    /// When somebody else is at work on the run, the stage fails, or it is asked to stop.
    pub async fn build(
        &self,
        observer: Arc<dyn Observer>,
    ) -> Result<BuilderReport, OrchestratorError> {
        let known = self.look().await?;
        known.refuse_others()?;
        let work = async |recorder: &Recorder, books: &mut Bookkeeping| {
            let (built, _) = self.build_tasks(recorder, books).await?;
            Ok(built)
        };
        let reason = Some("asked for".to_owned());
        self.session(&known, reason, observer, work, |_| false)
            .await
    }

    /// Runs stage C alone, whatever outputs there are already.
    ///
    /// # Errors
    /// When the stage fails, or it is asked to stop.
    pub async fn write(
        &self,
        observer: Arc<dyn Observer>,
    ) -> Result<OutputReport, OrchestratorError> {
        let known = self.look().await?;
        let work = async |recorder: &Recorder, books: &mut Bookkeeping| {
            // A run of the original has no list, and outputs all the same.
            if let Ok(list) = TaskList::load(&self.run).await {
                let versions = self.executor.versions(&self.run, &list);
                books.tasks(&self.run, &list, versions).await;
            }
            self.write_outputs(&known, &[], recorder, books).await
        };
        let is_partial = OutputReport::is_partial;
        self.session(&known, None, observer, work, is_partial).await
    }
}
