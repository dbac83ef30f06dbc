//! Stage B: one job of all tasks that are to run, then another one of those that failed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use epycloud_config::Stage;
use epycloud_google::batch::{Job, JobState, Task, TaskState};
use epycloud_stages::{StageRun, TaskList};
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use tokio::time::sleep_until;

use super::BatchOptions;
use super::ended::{self, Ended};
use super::jobs::Jobs;
use super::round::{Round, Waiting};
use super::watch::{Seen, Watch};
use crate::error::{FailedTask, OrchestratorError};
use crate::event::Event;
use crate::pool::PoolReport;
use crate::record::{Attempt, Blame, Outcome, timestamp};
use crate::recorder::{Next, Recorder};
use crate::resume::stored_results;
use crate::stop::Stop;

/// How many tasks that have ended are looked at at the same time.
const CONCURRENT_READS: usize = 16;

/// A task that a job has.
struct Active {
    waiting: Waiting,
    /// When it was first seen to run, since Batch repeated it last.
    running: Option<(Timestamp, Instant)>,
    /// How many of its executions are written down as repeated.
    repeated: usize,
}

/// The tasks that a job has, by their indices in it.
type Actives = BTreeMap<u32, Active>;

/// Stage B at work.
pub(super) struct Runners<'a> {
    run: &'a StageRun,
    list: &'a TaskList,
    options: &'a BatchOptions,
    jobs: Jobs<'a>,
    recorder: &'a Recorder,
    stop: &'a Stop,
    waiting: Vec<Waiting>,
    began: Instant,
    report: PoolReport,
}

impl<'a> Runners<'a> {
    pub(super) fn new(
        run: &'a StageRun,
        list: &'a TaskList,
        options: &'a BatchOptions,
        tasks: Vec<u32>,
        recorder: &'a Recorder,
        stop: &'a Stop,
    ) -> Self {
        let waiting = tasks.into_iter().map(|task| Waiting::new(task, options));
        Self {
            run,
            list,
            options,
            jobs: Jobs::new(run, options),
            recorder,
            stop,
            waiting: waiting.collect(),
            began: Instant::now(),
            report: PoolReport::default(),
        }
    }

    /// Runs the tasks: first sees through what an earlier session has submitted, then job after job
    /// until none waits.
    ///
    /// # Errors
    /// When Batch can't be asked, or refuses a job.
    pub(super) async fn work(mut self) -> Result<PoolReport, OrchestratorError> {
        for job in self.jobs.all().await?.iter().rev() {
            if job.stage() != Some(Stage::Runner.as_str()) {
                continue;
            }
            if job.status.state.is_active() {
                self.see_through(job, true).await?;
            } else {
                self.look_again(job).await?;
            }
        }
        while self.stop.signal().is_none()
            && let Some(round) = Round::take(&mut self.waiting)
        {
            self.run_round(round).await?;
        }
        self.report.left += self.waiting.len();
        self.report.failed.sort_by_key(|task| task.task);
        Ok(self.report)
    }

    /// Takes note of what a job has done between the look at the results and its end.
    async fn look_again(&mut self, job: &Job) -> Result<(), OrchestratorError> {
        let actives = self.take(job);
        if actives.is_empty() {
            return Ok(());
        }
        let stored = stored_results(&self.run.storage, &self.run.layout, self.list.n()).await;
        let stored = stored.map_err(OrchestratorError::record("list the results"))?;
        let is_stored = |active: &Active| {
            let task = usize::try_from(active.waiting.task).unwrap_or(usize::MAX);
            stored.get(task) == Some(&true)
        };
        let (there, others): (Vec<Active>, Vec<Active>) =
            actives.into_values().partition(is_stored);
        self.waiting
            .extend(others.into_iter().map(|active| active.waiting));
        let there = there.into_iter().map(|active| (active, None)).collect();
        for (active, attempt) in self.attempts(job, there).await {
            if attempt.is_done() {
                self.end(active, attempt, true);
            } else {
                self.waiting.push(active.waiting);
            }
        }
        Ok(())
    }

    async fn run_round(&mut self, round: Round) -> Result<(), OrchestratorError> {
        let due = round.due();
        let wanted = round.job(self.options);
        let tasks = u32::try_from(round.0.len()).unwrap_or(u32::MAX);
        self.waiting.extend(round.0);
        tokio::select! {
            () = sleep_until(due) => {}
            _ = self.stop.asked() => return Ok(()),
        }
        let job = self.jobs.submit(&wanted).await?;
        self.recorder.tell(&Event::JobSubmitted {
            stage: Stage::Runner,
            job: job.id().to_owned(),
            tasks,
        });
        self.see_through(&job, false).await
    }

    /// The waiting tasks that a job has.
    fn take(&mut self, job: &Job) -> Actives {
        let index_of: BTreeMap<u32, u32> = job.run_tasks().into_iter().zip(0..).collect();
        let taken = self
            .waiting
            .extract_if(.., |waiting| index_of.contains_key(&waiting.task));
        taken
            .filter_map(|waiting| {
                let index = *index_of.get(&waiting.task)?;
                let active = Active {
                    waiting,
                    running: None,
                    repeated: 0,
                };
                Some((index, active))
            })
            .collect()
    }

    /// Watches a job to its end.
    async fn see_through(&mut self, job: &Job, is_found: bool) -> Result<(), OrchestratorError> {
        let mut actives = self.take(job);
        if is_found {
            self.recorder.warn(format!(
                "job {} with {} of the tasks is with Batch already; it is watched, not submitted \
                 again",
                job.id(),
                actives.len()
            ));
        }
        let [_, machine, _] = &self.options.run.machines;
        let max_run = Duration::from_secs(machine.max_run_secs);
        let (jobs, recorder) = (Jobs::new(self.run, self.options), self.recorder);
        let mut watch = Watch::new(&jobs, job, max_run, self.options.queue_allowance);
        let mut is_told = false;
        loop {
            let seen = tokio::select! {
                seen = watch.next(recorder) => seen?,
                _ = self.stop.urgent() => return self.abandon(job, actives).await,
                _ = self.stop.asked(), if !is_told => {
                    is_told = true;
                    recorder.warn(format!("job {} comes to its end first", job.id()));
                    continue;
                }
            };
            match seen {
                Seen::Changed(now) => self.look(&now, &mut actives).await?,
                Seen::Ended(now) => {
                    self.look(&now, &mut actives).await?;
                    let is_failed = now.status.state == JobState::Failed;
                    let why = ended::describe(&now, None, None);
                    return self.conclude(&now, actives, is_failed, &why).await;
                }
                Seen::Gone => {
                    let why = format!("job `{}` was deleted", job.id());
                    return self.conclude(job, actives, false, &why).await;
                }
                Seen::Overdue(why) => {
                    self.jobs.delete(&job.name).await?;
                    return self.conclude(job, actives, false, &why).await;
                }
            }
        }
    }

    /// Takes note of how a job's tasks stand.
    async fn look(&mut self, job: &Job, actives: &mut Actives) -> Result<(), OrchestratorError> {
        let mut over = Vec::new();
        for task in self.jobs.tasks(&job.name).await? {
            let Some(index) = task.index() else { continue };
            let Some(active) = actives.get_mut(&index) else {
                continue;
            };
            self.note_repeated(job, &task, active);
            match task.status.state {
                TaskState::Running => self.note_running(active),
                TaskState::Succeeded | TaskState::Failed => {
                    over.extend(actives.remove(&index).map(|active| (active, Some(task))));
                }
                _ => {}
            }
        }
        for (active, attempt) in self.attempts(job, over).await {
            self.end(active, attempt, true);
        }
        Ok(())
    }

    /// What becomes of the tasks that a job has when it is over, or is given up. They are tried
    /// again if the job has `failed` by itself; somebody who ends one means it.
    async fn conclude(
        &mut self,
        job: &Job,
        actives: Actives,
        failed: bool,
        why: &str,
    ) -> Result<(), OrchestratorError> {
        let over = actives.into_values().map(|active| (active, None)).collect();
        for (active, mut attempt) in self.attempts(job, over).await {
            if !attempt.is_done() {
                attempt.error = vec![why.to_owned()];
            }
            self.end(active, attempt, failed);
        }
        Ok(())
    }

    /// The attempts of tasks that are over.
    async fn attempts(
        &self,
        job: &Job,
        over: Vec<(Active, Option<Task>)>,
    ) -> Vec<(Active, Attempt)> {
        let ended = Ended {
            run: self.run,
            list: self.list,
            job,
        };
        let read = over.into_iter().map(|(active, task)| {
            let begun = begun(&active, job);
            let ended = &ended;
            async move {
                let attempt = ended.attempt(begun, task.as_ref()).await;
                (active, attempt)
            }
        });
        stream::iter(read)
            .buffered(CONCURRENT_READS)
            .collect()
            .await
    }

    fn note_running(&self, active: &mut Active) {
        if active.running.is_none() {
            active.running = Some((Timestamp::now(), Instant::now()));
            let waiting = &active.waiting;
            self.recorder.started(waiting.task, waiting.number());
        }
    }

    /// Writes down what Batch has repeated by itself: machines that were taken away, mostly.
    fn note_repeated(&self, job: &Job, task: &Task, active: &mut Active) {
        let mut codes = task.exit_codes();
        if task.status.state == TaskState::Failed {
            // The last of them is the task's own end.
            codes.pop();
        }
        codes.retain(|code| *code != 0);
        for code in codes.into_iter().skip(active.repeated) {
            active.repeated += 1;
            self.note_running(active);
            let attempt = ended::repeated(begun(active, job), job, code);
            let next = Next::Retry(Duration::ZERO);
            self.recorder.ended(attempt, next, self.began);
            active.waiting.repeated += 1;
            active.running = None;
        }
    }

    /// An attempt has ended: what follows.
    fn end(&mut self, mut active: Active, mut attempt: Attempt, may_repeat: bool) {
        self.note_running(&mut active);
        let mut waiting = active.waiting;
        let next = if attempt.is_done() {
            Next::Done
        } else if !may_repeat {
            attempt.blame = Some(Blame::Application);
            Next::Failed
        } else {
            match waiting.failed(&mut attempt, self.options) {
                Next::Retry(_) if self.stop.signal().is_some() => Next::Stopped,
                next => next,
            }
        };
        match next {
            Next::Done => {}
            Next::Retry(_) => self.waiting.push(waiting),
            Next::Failed => self.report.failed.push(FailedTask::of(&attempt)),
            Next::Stopped => self.report.left += 1,
        }
        self.recorder.ended(attempt, next, self.began);
    }

    /// Ends a job because the run is to stop at once.
    async fn abandon(&mut self, job: &Job, actives: Actives) -> Result<(), OrchestratorError> {
        self.jobs.delete(&job.name).await?;
        self.report.left += actives.len();
        for active in actives
            .into_values()
            .filter(|active| active.running.is_some())
        {
            let attempt = Attempt {
                outcome: Outcome::Stopped,
                ..begun(&active, job)
            };
            self.recorder.ended(attempt, Next::Stopped, self.began);
        }
        Ok(())
    }
}

/// An attempt of which nothing is known but when it was seen.
fn begun(active: &Active, job: &Job) -> Attempt {
    let waiting = &active.waiting;
    let worker = format!("batch:{}", job.id());
    let mut attempt = Attempt::of(waiting.task, waiting.number(), worker);
    if let Some((started, since)) = active.running {
        attempt.started = timestamp(started);
        attempt.duration_secs = since.elapsed().as_secs_f64();
    }
    attempt
}
