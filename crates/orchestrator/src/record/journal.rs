//! Writes attempts and progress while tasks run: in chunks, because one object a task would cost
//! more than a short task does.

use std::time::Duration;

use epycloud_config::FileName;
use epycloud_storage::StorageError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::session::{ProgressRecord, timestamp};
use super::{Attempt, LogTap, RunStore};

/// How often what has happened is written.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often a session says that it lives when nothing happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// How often the stages' log is written; an object a second would be many in a long run.
const LOG_INTERVAL: Duration = Duration::from_secs(3);
/// Attempts in a chunk.
const CHUNK: usize = 1_000;

/// The name of a session's chunk of attempts.
pub(super) fn chunk_name(number: u32) -> String {
    format!("attempts-{number:05}.jsonl")
}

/// The name of a session's chunk of the stages' log.
pub(super) fn log_name(number: u32) -> String {
    format!("log-{number:05}.txt")
}

/// Where attempts and progress are handed in.
pub(crate) struct Journal {
    attempts: mpsc::UnboundedSender<Attempt>,
    progress: watch::Sender<ProgressRecord>,
    writer: JoinHandle<Result<(), StorageError>>,
}

impl Journal {
    /// Begins to write what is handed in.
    pub(crate) fn start(store: RunStore, session: FileName, tap: LogTap) -> Self {
        let (attempts, received) = mpsc::unbounded_channel();
        let (progress, seen) = watch::channel(ProgressRecord::default());
        tap.keep(true);
        let writer = Writer {
            tap,
            log_chunk: 0,
            store,
            session,
            chunk: 0,
            lines: String::new(),
            waiting: 0,
        };
        Self {
            attempts,
            progress,
            writer: tokio::spawn(writer.run(received, seen)),
        }
    }

    /// Keeps an attempt.
    pub(crate) fn attempt(&self, attempt: Attempt) {
        // The receiver outlives this sender.
        let _ = self.attempts.send(attempt);
    }

    /// Changes what is said of the progress.
    pub(crate) fn progress(&self, change: impl FnOnce(&mut ProgressRecord)) {
        self.progress.send_modify(change);
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// When attempts or progress could not be written.
    pub(crate) async fn close(self) -> Result<(), StorageError> {
        drop(self.attempts);
        drop(self.progress);
        self.writer.await.unwrap_or(Ok(()))
    }
}

struct Writer {
    tap: LogTap,
    log_chunk: u32,
    store: RunStore,
    session: FileName,
    chunk: u32,
    lines: String,
    waiting: usize,
}

impl Writer {
    async fn run(
        mut self,
        mut attempts: mpsc::UnboundedReceiver<Attempt>,
        mut progress: watch::Receiver<ProgressRecord>,
    ) -> Result<(), StorageError> {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut said, mut logged) = (Instant::now(), Instant::now());
        loop {
            tokio::select! {
                attempt = attempts.recv() => match attempt {
                    Some(attempt) => self.take(&attempt),
                    None => break,
                },
                _ = ticks.tick() => {
                    // What fails now is tried again at the next tick, and told at the end.
                    let _ = self.flush().await;
                    if logged.elapsed() >= LOG_INTERVAL {
                        logged = Instant::now();
                        let _ = self.flush_log().await;
                    }
                    let changed = progress.has_changed().unwrap_or(false);
                    if changed || said.elapsed() >= SIGN_OF_LIFE {
                        said = Instant::now();
                        let record = progress.borrow_and_update().clone();
                        let _ = self.say(record).await;
                    }
                }
            }
            if self.waiting >= CHUNK {
                let _ = self.flush().await;
            }
        }
        self.tap.keep(false);
        let log = self.flush_log().await;
        self.flush().await.and(log)?;
        let record = progress.borrow().clone();
        self.say(record).await
    }

    fn take(&mut self, attempt: &Attempt) {
        if let Ok(line) = serde_json::to_string(attempt) {
            self.lines.push_str(&line);
            self.lines.push('\n');
            self.waiting += 1;
        }
    }

    async fn flush(&mut self) -> Result<(), StorageError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        self.store
            .save_chunk(&self.session, &chunk_name(self.chunk), self.lines.clone())
            .await?;
        self.chunk += 1;
        self.lines.clear();
        self.waiting = 0;
        Ok(())
    }

    /// Writes what the stages have logged; what can't be written is lost, so that it never piles up.
    async fn flush_log(&mut self) -> Result<(), StorageError> {
        let Some(lines) = self.tap.take() else {
            return Ok(());
        };
        let name = log_name(self.log_chunk);
        self.store.save_chunk(&self.session, &name, lines).await?;
        self.log_chunk += 1;
        Ok(())
    }

    async fn say(&self, mut record: ProgressRecord) -> Result<(), StorageError> {
        record.updated = timestamp(jiff::Timestamp::now());
        self.store
            .save(&self.session, "progress.json", &record)
            .await
    }
}
