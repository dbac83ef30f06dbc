//! The three stages, one after the other; each does only what isn't done yet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use epycloud_config::{FileName, Stage};
use epycloud_stages::{BuilderReport, OutputReport, StageError, StageRun, TaskList};

use crate::bookkeeping::Bookkeeping;
use crate::build::{self, BuildDecision, BuildMode};
use crate::current;
use crate::enough;
use crate::error::{FailedTask, OrchestratorError};
use crate::event::{Event, Observer};
use crate::executor::Executor;
use crate::pool::PoolReport;
use crate::record::{LogTap, OutputsRecord};
use crate::recorder::Recorder;
use crate::resume::{self, Selection, TaskPlan};
use crate::session::Known;
use crate::stop::Stop;

/// A workflow: its stages are executed wherever the executor says.
pub struct Workflow {
    /// The run.
    pub run: StageRun,
    /// Where tasks are executed.
    pub executor: Executor,
    /// What is asked for.
    pub options: WorkflowOptions,
    /// Who asks it to stop.
    pub stop: Stop,
    /// Where this process hands in what its stages log, to be kept with the run.
    pub log: LogTap,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkflowOptions {
    /// When the tasks are built.
    pub build: BuildMode,
    /// Which tasks run.
    pub selection: Selection,
    /// Whether it is told of each task why it runs or doesn't.
    pub explain: bool,
    /// Whether to end after stage B.
    pub skip_output: bool,
    /// The share of tasks that must have a result, where partial results are allowed.
    pub min_success_ratio: Option<f64>,
    /// Whether others may be at work on the run, as on single tasks of it that somebody runs at the
    /// same time.
    pub beside_others: bool,
}

/// What a workflow has done.
#[derive(Debug, Clone)]
pub struct WorkflowReport {
    /// Number of tasks of the run.
    pub n: u32,
    /// How many ran and are done.
    pub ran: u32,
    /// How many had a result that counts already.
    pub kept: u32,
    /// Stage A, if it ran.
    pub built: Option<BuilderReport>,
    /// The tasks that failed for good, in order.
    pub failed: Vec<FailedTask>,
    /// Stage C, if it ran.
    pub output: Option<OutputReport>,
    /// The folder of outputs that were there already and still are right.
    pub kept_outputs: Option<FileName>,
    /// How long it all took, in seconds.
    pub duration_secs: f64,
}

impl WorkflowReport {
    /// Whether tasks have no result, or the outputs lack some.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.failed.is_empty() || self.output.as_ref().is_some_and(OutputReport::is_partial)
    }
}

impl Workflow {
    /// Runs the stages. A run that was begun before goes on: tasks are built again only if the
    /// experiment has changed, and only those run that have no result that counts. Dropping the
    /// future ends the workers.
    ///
    /// # Errors
    /// When somebody else is at work on the run, a stage fails, no worker can be started, tasks
    /// have no result (all of them, or some without
    /// [`allow_partial_results`](epycloud_stages::StageSettings::allow_partial_results), or more
    /// than the ratio allows), or it is asked to stop.
    pub async fn execute(
        &self,
        observer: Arc<dyn Observer>,
    ) -> Result<WorkflowReport, OrchestratorError> {
        let started = Instant::now();
        let known = self.look().await?;
        if !self.options.beside_others {
            known.refuse_others()?;
        }
        self.sweep(&*observer).await?;
        let decision = self.decide(&known).await?;
        let builds = match &decision {
            BuildDecision::Build(reason) => Some(reason.clone()),
            BuildDecision::Keep(_) => None,
        };
        let work = async |recorder: &_, books: &mut _| {
            self.stages(&known, decision, recorder, books).await
        };
        let is_partial = WorkflowReport::is_partial;
        let report = self
            .session(&known, builds, observer, work, is_partial)
            .await?;
        Ok(WorkflowReport {
            duration_secs: started.elapsed().as_secs_f64(),
            ..report
        })
    }

    /// Tells what [`execute`](Self::execute) would do of each task, and does nothing.
    ///
    /// # Errors
    /// When the run can't be read.
    pub async fn explain(&self, observer: &dyn Observer) -> Result<(), OrchestratorError> {
        let known = self.look().await?;
        match self.decide(&known).await? {
            BuildDecision::Build(reason) => {
                let message = format!(
                    "stage A runs: {reason}; which tasks run then is known once they are built"
                );
                observer.notify(&Event::Warning { message });
            }
            BuildDecision::Keep(list) => {
                observer.notify(&Event::StageSkipped {
                    stage: Stage::Builder,
                    reason: UNCHANGED.to_owned(),
                });
                self.plan(&known, &list, |event| observer.notify(&event))
                    .await?;
            }
        }
        Ok(())
    }

    async fn decide(&self, known: &Known) -> Result<BuildDecision, OrchestratorError> {
        build::decide(
            &self.run,
            self.options.build,
            &known.sessions,
            known.sources.as_ref(),
        )
        .await
        .map_err(in_stage(Stage::Builder))
    }

    async fn stages(
        &self,
        known: &Known,
        decision: BuildDecision,
        recorder: &Recorder,
        books: &mut Bookkeeping,
    ) -> Result<WorkflowReport, OrchestratorError> {
        let (built, list) = self.tasks(decision, recorder, books).await?;
        let versions = self.executor.versions(&self.run, &list);
        books.tasks(&self.run, &list, versions.clone()).await;
        let explain = |event| {
            if self.options.explain {
                recorder.tell(&event);
            }
        };
        let plan = self
            .unless_stopped(self.plan(known, &list, explain))
            .await??;
        let nothing_ran = plan.run.is_empty();
        let report = self.run_tasks(&list, &plan, recorder).await?;
        let asked = plan.run.len();
        let done = asked - report.failed.len() - report.left;
        let in_all = plan.kept as usize + done;
        books.counted(&list, count(in_all), &report.failed, &plan.run);
        // Of tasks that were chosen, only those count.
        let (n, done_of_n) = match self.options.selection {
            Selection::Unfinished => (list.n(), in_all),
            Selection::Failed | Selection::Tasks(_) => (count(asked), done),
        };
        enough::check(self, n, &report, done_of_n)?;
        let mut outcome = WorkflowReport {
            n: list.n(),
            ran: count(done),
            kept: plan.kept,
            built,
            failed: report.failed,
            output: None,
            kept_outputs: None,
            duration_secs: 0.0,
        };
        if self.options.skip_output {
            return Ok(outcome);
        }
        let previous = known.previous.as_ref().filter(|_| nothing_ran);
        if let Some(previous) = previous
            && let Some(folder) = current::outputs(
                &self.run,
                previous,
                known.sources.as_ref(),
                &list,
                &versions,
            )
            .await
        {
            recorder.tell(&Event::StageSkipped {
                stage: Stage::Output,
                reason: format!("`outputs/{folder}` has every task and is up to date"),
            });
            outcome.kept_outputs = Some(folder);
            return Ok(outcome);
        }
        let output = self.write_outputs(known, &outcome.failed, recorder, books);
        outcome.output = Some(output.await?);
        Ok(outcome)
    }

    /// The tasks: built, or those that are there.
    async fn tasks(
        &self,
        decision: BuildDecision,
        recorder: &Recorder,
        books: &mut Bookkeeping,
    ) -> Result<(Option<BuilderReport>, TaskList), OrchestratorError> {
        if let BuildDecision::Keep(list) = decision {
            if self.options.build != BuildMode::Never {
                recorder.tell(&Event::StageSkipped {
                    stage: Stage::Builder,
                    reason: UNCHANGED.to_owned(),
                });
            }
            return Ok((None, *list));
        }
        let (built, list) = self.build_tasks(recorder, books).await?;
        Ok((Some(built), list))
    }

    /// Stage A.
    pub(crate) async fn build_tasks(
        &self,
        recorder: &Recorder,
        books: &mut Bookkeeping,
    ) -> Result<(BuilderReport, TaskList), OrchestratorError> {
        let began = SystemTime::now();
        let again = self.options.build == BuildMode::Always;
        let built = self
            .stage(
                recorder,
                Stage::Builder,
                self.executor.build(&self.run, again, recorder, &self.stop),
            )
            .await?;
        let list = TaskList::load(&self.run)
            .await
            .map_err(in_stage(Stage::Builder))?;
        books
            .built(&self.run, &built, &list, began)
            .await
            .map_err(OrchestratorError::record("say that the tasks are built"))?;
        for warning in &built.warnings {
            recorder.warn(warning);
        }
        Ok((built, list))
    }

    async fn failures(&self, known: &Known) -> Result<BTreeMap<u32, String>, OrchestratorError> {
        resume::failures(&known.store, &known.sessions)
            .await
            .map_err(OrchestratorError::record("read earlier attempts"))
    }

    async fn plan(
        &self,
        known: &Known,
        list: &TaskList,
        tell: impl Fn(Event),
    ) -> Result<TaskPlan, OrchestratorError> {
        if let Selection::Tasks(tasks) = &self.options.selection
            && let Some(task) = tasks.iter().find(|task| **task >= list.n())
        {
            return Err(OrchestratorError::NoSuchTask {
                task: *task,
                n: list.n(),
            });
        }
        let failures = self.failures(known).await?;
        resume::plan(
            &self.run,
            list,
            &self.executor.versions(&self.run, list),
            &self.options.selection,
            &failures,
            |task, reason| {
                tell(Event::TaskExplained {
                    task: task.index,
                    population: task.population.clone(),
                    runs: reason.runs(),
                    reason: reason.to_string(),
                });
            },
        )
        .await
        .map_err(OrchestratorError::record("list the results"))
    }

    async fn run_tasks(
        &self,
        list: &TaskList,
        plan: &TaskPlan,
        recorder: &Recorder,
    ) -> Result<PoolReport, OrchestratorError> {
        self.executor
            .record_unseen(&self.run, list, recorder, &self.stop)
            .await;
        if plan.run.is_empty() {
            recorder.tell(&Event::StageSkipped {
                stage: Stage::Runner,
                reason: format!(
                    "{} of {} tasks have a result that counts",
                    plan.kept,
                    list.n()
                ),
            });
            return Ok(PoolReport::default());
        }
        let since = Instant::now();
        recorder.stage_started(Stage::Runner, list.n(), count(plan.run.len()), plan.kept);
        let report = self
            .executor
            .run_tasks(&self.run, list, plan, recorder, &self.stop)
            .await?;
        recorder.stage_finished(Stage::Runner, since);
        Ok(report)
    }

    /// Stage C. `failed` are the tasks that failed in this session, beside those of earlier ones.
    pub(crate) async fn write_outputs(
        &self,
        known: &Known,
        failed: &[FailedTask],
        recorder: &Recorder,
        books: &mut Bookkeeping,
    ) -> Result<OutputReport, OrchestratorError> {
        let mut failures = self.failures(known).await?;
        for task in failed {
            failures.insert(task.task, task.chain.join(": "));
        }
        let output = self
            .stage(
                recorder,
                Stage::Output,
                self.executor
                    .write(&self.run, failures, recorder, &self.stop),
            )
            .await?;
        for warning in &output.warnings {
            recorder.warn(warning);
        }
        books.outputs(OutputsRecord {
            folder: output.folder.clone(),
            files: output.files.clone(),
            missing: output.missing.iter().map(|task| task.index).collect(),
            config_sha256: known.output_config_sha256(),
        });
        Ok(output)
    }

    /// Runs stage A or C.
    async fn stage<T>(
        &self,
        recorder: &Recorder,
        stage: Stage,
        work: impl Future<Output = Result<T, OrchestratorError>>,
    ) -> Result<T, OrchestratorError> {
        let since = Instant::now();
        recorder.stage_started(stage, 1, 1, 0);
        let done = if self.executor.ends_stages_itself() {
            work.await?
        } else {
            self.unless_stopped(work).await??
        };
        recorder.stage_finished(stage, since);
        Ok(done)
    }

    /// Does something that can be done again, unless the run is to stop.
    async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, OrchestratorError> {
        tokio::select! {
            done = work => Ok(done),
            signal = self.stop.asked() => Err(OrchestratorError::Stopped {
                signal,
                done: 0,
                n: 0,
                run_id: self.run.settings.run_id.clone(),
            }),
        }
    }
}

const UNCHANGED: &str = "the tasks are built, and the experiment hasn't changed";

pub(crate) fn count(tasks: usize) -> u32 {
    u32::try_from(tasks).unwrap_or(u32::MAX)
}

pub(crate) fn in_stage(stage: Stage) -> impl Fn(StageError) -> OrchestratorError {
    move |source| OrchestratorError::Stage {
        letter: stage.letter(),
        source,
    }
}
