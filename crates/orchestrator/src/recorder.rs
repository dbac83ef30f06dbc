//! Whatever happens to a task, told to whoever watches and kept in the run.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use epycloud_config::{FileName, Stage};
use epycloud_storage::StorageError;

use crate::event::{Event, Observer};
use crate::record::{Attempt, Journal, LogTap, RunStore};

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: the result is stored.
    Done,
    /// Another attempt, after a while.
    Retry(Duration),
    /// Nothing: it has failed for good.
    Failed,
    /// Nothing in this session: the run stops.
    Stopped,
}

/// Tells and keeps.
pub(crate) struct Recorder {
    observer: Arc<dyn Observer>,
    journal: Journal,
    tap: LogTap,
    /// Tasks that are simulated and whose results are being stored.
    storing: Mutex<BTreeSet<u32>>,
}

/// Hands on what it is told, and the log's lines to the run as well.
struct Tapped {
    observer: Arc<dyn Observer>,
    tap: LogTap,
}

impl Observer for Tapped {
    fn notify(&self, event: &Event) {
        if let Event::Log { line } = event {
            self.tap.of_worker(line);
        }
        self.observer.notify(event);
    }
}

impl Recorder {
    pub(crate) fn start(
        observer: Arc<dyn Observer>,
        store: RunStore,
        session: FileName,
        tap: LogTap,
    ) -> Self {
        let journal = Journal::start(store, session, tap.clone());
        let observer = Arc::new(Tapped {
            observer,
            tap: tap.clone(),
        });
        Self {
            observer,
            journal,
            tap,
            storing: Mutex::default(),
        }
    }

    fn storing(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.storing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who watches.
    pub(crate) fn observer(&self) -> &Arc<dyn Observer> {
        &self.observer
    }

    /// Tells an event that concerns no task.
    pub(crate) fn tell(&self, event: &Event) {
        self.observer.notify(event);
    }

    pub(crate) fn warn(&self, message: impl Into<String>) {
        let message = message.into();
        self.tell(&Event::Warning { message });
    }

    /// A stage begins, with its tasks and those that are done already.
    pub(crate) fn stage_started(&self, stage: Stage, n: u32, tasks: u32, kept: u32) {
        self.tap.enter(Some(stage));
        self.journal.progress(|progress| {
            progress.stage = Some(stage.letter());
            if stage == Stage::Runner {
                progress.stage_secs = 0.0;
                (progress.n, progress.to_run, progress.kept) = (n, tasks, kept);
            }
        });
        self.tell(&Event::StageStarted { stage, tasks, kept });
    }

    /// An attempt that ended while nobody watched: kept, and no part of this session's progress.
    pub(crate) fn unseen(&self, attempt: Attempt) {
        self.journal.attempt(attempt);
    }

    /// A stage ended.
    pub(crate) fn stage_finished(&self, stage: Stage, since: Instant) {
        self.tap.enter(None);
        self.journal.progress(|progress| {
            progress.stage = None;
            if stage == Stage::Runner {
                progress.stage_secs = since.elapsed().as_secs_f64();
            }
        });
        self.tell(&Event::StageFinished {
            stage,
            duration_secs: since.elapsed().as_secs_f64(),
        });
    }

    /// An attempt begins.
    pub(crate) fn started(&self, task: u32, attempt: u32) {
        self.journal.progress(|progress| progress.running += 1);
        self.tell(&Event::TaskStarted { task, attempt });
    }

    /// A task's simulations are over, so that it runs no more; its attempt ends once the result is
    /// stored.
    pub(crate) fn simulated(&self, task: u32) {
        self.storing().insert(task);
        self.journal
            .progress(|progress| progress.running = progress.running.saturating_sub(1));
        self.tell(&Event::TaskSimulated { task });
    }

    /// An attempt has ended. `since` is when stage B began.
    pub(crate) fn ended(&self, attempt: Attempt, next: Next, since: Instant) {
        let ran = !self.storing().remove(&attempt.task);
        self.journal.progress(|progress| {
            progress.running = progress.running.saturating_sub(u32::from(ran));
            progress.stage_secs = since.elapsed().as_secs_f64();
            match next {
                Next::Done => progress.done += 1,
                Next::Retry(_) => progress.retried += 1,
                Next::Failed => progress.failed += 1,
                Next::Stopped => {}
            }
        });
        self.tell(&event(&attempt, next));
        self.journal.attempt(attempt);
    }

    /// Keeps what isn't kept yet.
    ///
    /// # Errors
    /// When the storage refuses.
    pub(crate) async fn close(self) -> Result<(), StorageError> {
        self.journal.close().await
    }
}

fn event(attempt: &Attempt, next: Next) -> Event {
    let (task, number) = (attempt.task, attempt.number);
    match next {
        Next::Done => Event::TaskFinished {
            task,
            attempt: number,
            duration_secs: attempt.duration_secs,
            peak_memory_mib: attempt.peak_memory_mib,
        },
        Next::Retry(delay) => Event::TaskRetried {
            task,
            attempt: number,
            outcome: attempt.outcome,
            blame: attempt.blame,
            error: attempt.error.clone(),
            delay_secs: delay.as_secs_f64(),
        },
        Next::Failed => Event::TaskFailed {
            task,
            attempt: number,
            outcome: attempt.outcome,
            error: attempt.error.clone(),
        },
        Next::Stopped => Event::TaskStopped { task },
    }
}
