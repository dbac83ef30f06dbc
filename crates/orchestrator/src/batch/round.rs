//! Which tasks of stage B a job is made of, and what follows when one of them fails.

use epycloud_config::TaskIndex;
use epycloud_google::batch::{Provisioning, RunnerTasks, StageJob, StageTask};
use tokio::time::Instant;

use super::BatchOptions;
use crate::record::{Attempt, Outcome};
use crate::recorder::Next;
use crate::retries::Failures;

/// The most tasks of a job.
///
/// Source: <https://cloud.google.com/batch/quotas>
const MOST_TASKS: usize = 10_000;

/// A task that is to run.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) task: u32,
    failures: Failures,
    /// Attempts that Batch itself has repeated.
    pub(super) repeated: u32,
    memory_mib: u64,
    provisioning: Provisioning,
    /// Not before then.
    due: Instant,
}

impl Waiting {
    pub(super) fn new(task: u32, options: &BatchOptions) -> Self {
        let [_, machine, _] = &options.run.machines;
        Self {
            task,
            failures: Failures::default(),
            repeated: 0,
            memory_mib: machine.memory_mib,
            provisioning: options.run.provisioning,
            due: Instant::now(),
        }
    }

    /// Which attempt of this session comes next, from 1.
    pub(super) const fn number(&self) -> u32 {
        self.failures.in_all() + self.repeated + 1
    }

    /// Takes note of a failure, and says what follows it.
    pub(super) fn failed(&mut self, attempt: &mut Attempt, options: &BatchOptions) -> Next {
        self.failures.count(attempt.blame);
        let Some(delay) = options.retries.after(self.failures, attempt.blame) else {
            return Next::Failed;
        };
        match attempt.outcome {
            Outcome::OutOfMemory => {
                let most = options.memory_limit_mib.unwrap_or(u64::MAX);
                let more = self.memory_mib.saturating_mul(2).min(most);
                if more <= self.memory_mib {
                    let all = format!("it had all {} MiB of its machine", self.memory_mib);
                    attempt.error.push(all);
                    attempt.hint = Some("give it a larger one: `--stage-b-machine-type`".into());
                    return Next::Failed;
                }
                self.memory_mib = more;
            }
            // Batch has tried it several times on machines that were taken back.
            Outcome::Lost => self.provisioning = Provisioning::Standard,
            _ => {}
        }
        self.due = Instant::now() + delay;
        Next::Retry(delay)
    }
}

/// Tasks that go into one job.
pub(super) struct Round(pub(super) Vec<Waiting>);

impl Round {
    /// Takes those of the waiting that are like the first; nothing when none waits.
    pub(super) fn take(waiting: &mut Vec<Waiting>) -> Option<Self> {
        waiting.sort_by_key(|waiting| waiting.task);
        let first = waiting.first()?;
        let kind = (first.memory_mib, first.provisioning);
        let mut room = MOST_TASKS;
        let taken = waiting.extract_if(.., |waiting| {
            let is_alike = room > 0 && (waiting.memory_mib, waiting.provisioning) == kind;
            room -= usize::from(is_alike);
            is_alike
        });
        Some(Self(taken.collect()))
    }

    /// When all of them may run.
    pub(super) fn due(&self) -> Instant {
        let due = self.0.iter().map(|waiting| waiting.due);
        due.max().unwrap_or_else(Instant::now)
    }

    /// The job to submit.
    pub(super) fn job(&self, options: &BatchOptions) -> StageJob {
        let tasks: Vec<TaskIndex> = self
            .0
            .iter()
            .map(|waiting| TaskIndex::new(waiting.task))
            .collect();
        let count = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        let is_from_the_first = tasks.iter().map(|task| task.get()).eq(0..count);
        let mut job = options.job(StageTask::Runners {
            tasks: if is_from_the_first {
                RunnerTasks::All(count)
            } else {
                RunnerTasks::Only(tasks)
            },
            parallelism: options.run.max_parallelism.min(count),
        });
        if let Some(first) = self.0.first() {
            job.machine.memory_mib = first.memory_mib;
            job.provisioning = first.provisioning;
        }
        job
    }
}
