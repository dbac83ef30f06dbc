//! Where a run's stages are executed.

use std::collections::BTreeMap;

use epycloud_config::Stage;
use epycloud_errors::chain;
use epycloud_stages::{BuilderReport, OutputReport, StageRun, TaskList, run_builder, run_output};

use crate::batch::{self, BatchOptions};
use crate::container::Containers;
use crate::data_files::FileState;
use crate::error::OrchestratorError;
use crate::event::{Event, Observer};
use crate::pool::{self, PoolOptions, PoolReport, WorkerCommand};
use crate::record::{CloudMachines, RunRecord};
use crate::recorder::Recorder;
use crate::resume::TaskPlan;
use crate::slurm::{self, SlurmOptions};
use crate::stop::Stop;
use crate::workflow::in_stage;

/// Where tasks are executed.
#[derive(Debug, Clone)]
pub enum Executor {
    /// Worker processes on this machine.
    Local {
        /// How workers are started; their environment must describe the same run.
        worker: WorkerCommand,
        /// How tasks are treated.
        pool: PoolOptions,
    },
    /// Containers on this machine, for all three stages.
    Docker {
        /// How workers are started; their environment must describe the same run.
        worker: WorkerCommand,
        /// How tasks are treated.
        pool: PoolOptions,
    },
    /// Job arrays of a Slurm cluster.
    Slurm(Box<SlurmOptions>),
    /// Jobs of Google Cloud Batch, for all three stages.
    Batch(Box<BatchOptions>),
}

impl Executor {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Local { .. } => "local",
            Self::Docker { .. } => "docker",
            Self::Slurm(_) => "slurm",
            Self::Batch(_) => "batch",
        }
    }

    /// The workers that run stages A and C, where this process has no engine of its own.
    ///
    /// Public, as whoever makes a run of an image has to ask one of them for its engine first.
    #[must_use]
    pub fn stage_worker(&self) -> Option<WorkerCommand> {
        match self {
            Self::Local { .. } | Self::Batch(_) => None,
            Self::Docker { worker, .. } => Some(worker.clone()),
            Self::Slurm(options) => {
                let apptainer = options.apptainer.as_ref()?;
                let environment = options.environment.clone();
                Some(WorkerCommand::in_apptainer(apptainer, &environment))
            }
        }
    }

    fn containers(&self) -> Option<&Containers> {
        match self {
            Self::Docker { worker, .. } => worker.containers(),
            _ => None,
        }
    }

    /// Whether the experiment's files are on this machine, so that it can be seen whether they have
    /// changed.
    pub(crate) const fn has_experiment(&self) -> bool {
        !matches!(self, Self::Batch(_))
    }

    /// Whether stages A and C come to an end by themselves once the run is to stop. Elsewhere they
    /// end when nobody waits for them any more.
    pub(crate) const fn ends_stages_itself(&self) -> bool {
        matches!(self, Self::Batch(_))
    }

    /// The versions that results have to be of: the engine's, or, where nobody here can ask it, those
    /// that the tasks were built with.
    pub(crate) fn versions(&self, run: &StageRun, list: &TaskList) -> BTreeMap<String, String> {
        match self {
            Self::Batch(_) => list.manifest.versions.clone(),
            _ => run.engine.versions(),
        }
    }

    /// The cloud's machines that the stages ask for.
    pub(crate) fn cloud(&self) -> Option<CloudMachines> {
        match self {
            Self::Batch(options) => Some(CloudMachines::from(&**options)),
            _ => None,
        }
    }

    /// The image of the stages, where they run in one.
    pub(crate) fn image(&self) -> Option<String> {
        match self {
            Self::Slurm(options) => {
                let apptainer = options.apptainer.as_ref()?;
                Some(apptainer.image().display().to_string())
            }
            Self::Batch(options) => Some(options.run.image.clone()),
            _ => self.containers().map(Containers::image),
        }
    }

    /// The state of the image's file, where the image is one. It is read whole only if it doesn't
    /// look as it did in an earlier session.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn image_file(
        &self,
        earlier: Option<&RunRecord>,
    ) -> Result<Option<FileState>, OrchestratorError> {
        let Self::Slurm(options) = self else {
            return Ok(None);
        };
        match &options.apptainer {
            Some(apptainer) => apptainer.file(earlier).await,
            None => Ok(None),
        }
    }

    /// Takes note of attempts that ended while nobody watched, where tasks outlive whoever has
    /// submitted them. A cluster that can't be asked is no reason not to go on.
    pub(crate) async fn record_unseen(
        &self,
        run: &StageRun,
        list: &TaskList,
        recorder: &Recorder,
        stop: &Stop,
    ) {
        // Batch's jobs are looked through when their tasks are taken over.
        let Self::Slurm(options) = self else {
            return;
        };
        let recorded = slurm::record_unseen(run, list, options, recorder, stop).await;
        if let Err(error) = recorded {
            recorder.warn(format!(
                "attempts that ended while nobody watched aren't known: {}",
                chain(&error).join(": ")
            ));
        }
    }

    /// Stage B.
    pub(crate) async fn run_tasks(
        &self,
        run: &StageRun,
        list: &TaskList,
        plan: &TaskPlan,
        recorder: &Recorder,
        stop: &Stop,
    ) -> Result<PoolReport, OrchestratorError> {
        match self {
            Self::Local { worker, pool } | Self::Docker { worker, pool } => {
                pool::run_tasks((worker, pool), (run, list), plan, recorder, stop).await
            }
            Self::Slurm(options) => {
                slurm::run_tasks(run, list, options, plan.run.clone(), recorder, stop).await
            }
            Self::Batch(options) => {
                batch::run_tasks(run, list, options, plan.run.clone(), recorder, stop).await
            }
        }
    }

    /// Stage A, here, in a worker or as a job. `again` says that it is asked for although the tasks
    /// may be there.
    pub(crate) async fn build(
        &self,
        run: &StageRun,
        again: bool,
        recorder: &Recorder,
        stop: &Stop,
    ) -> Result<BuilderReport, OrchestratorError> {
        if let Self::Batch(options) = self {
            return batch::build(run, options, again, recorder, stop).await;
        }
        match self.stage_worker() {
            Some(worker) => worker.build(recorder.observer()).await,
            None => run_builder(run).await.map_err(in_stage(Stage::Builder)),
        }
    }

    /// Stage C, here, in a worker or as a job.
    pub(crate) async fn write(
        &self,
        run: &StageRun,
        failures: BTreeMap<u32, String>,
        recorder: &Recorder,
        stop: &Stop,
    ) -> Result<OutputReport, OrchestratorError> {
        if let Self::Batch(options) = self {
            return batch::write(run, options, &failures, recorder, stop).await;
        }
        let Some(worker) = self.stage_worker() else {
            let mut run = run.clone();
            run.settings.known_failures = failures;
            return run_output(&run).await.map_err(in_stage(Stage::Output));
        };
        let report = worker.output(failures, recorder.observer()).await?;
        // Where the worker sees the folder isn't where this machine does.
        let path = run.layout.outputs(&report.folder);
        Ok(OutputReport {
            url: run.storage.url_of(&path),
            ..report
        })
    }

    /// Removes containers of the run that nobody waits for any more.
    pub(crate) async fn sweep(&self, observer: &dyn Observer) -> Result<(), OrchestratorError> {
        let Some(containers) = self.containers() else {
            return Ok(());
        };
        let swept = containers.sweep().await;
        let swept = swept.map_err(OrchestratorError::Containers)?;
        if swept > 0 {
            let message = format!("removed {swept} containers of the run that were left");
            observer.notify(&Event::Warning { message });
        }
        Ok(())
    }
}
