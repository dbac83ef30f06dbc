//! How far a stage is, told to whoever watches.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use epycloud_config::TaskIndex;
use tracing::info;

/// Somebody who watches a stage. Called from the stage's threads; must return at once.
pub trait Progress: Send + Sync {
    /// Stage A has stored the input of `done` tasks out of `of`.
    fn built(&self, done: u32, of: u32) {
        let _ = (done, of);
    }

    /// Stage B has simulated `done` trajectories (or particles) of a task, out of `of`.
    fn simulated(&self, index: TaskIndex, done: u32, of: u32) {
        let _ = (index, done, of);
    }

    /// Stage C has handed `done` results to the engine, out of `of`.
    fn read(&self, done: u32, of: u32) {
        let _ = (done, of);
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {}

/// How often the log says how far a stage is.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Says in the log how far a stage is: at most every ten seconds, and never in the first ten.
#[derive(Debug)]
pub struct LogProgress {
    last: Mutex<Instant>,
}

impl Default for LogProgress {
    fn default() -> Self {
        Self {
            last: Mutex::new(Instant::now()),
        }
    }
}

impl LogProgress {
    /// Whether it is time to say something.
    fn due(&self) -> bool {
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let due = last.elapsed() >= LOG_INTERVAL;
        if due {
            *last = Instant::now();
        }
        due
    }
}

impl Progress for LogProgress {
    fn built(&self, done: u32, of: u32) {
        if self.due() {
            info!(done, of, "stored {done} of {of} inputs");
        }
    }

    fn simulated(&self, _: TaskIndex, done: u32, of: u32) {
        if self.due() {
            info!(done, of, "simulated {done} of {of}");
        }
    }

    fn read(&self, done: u32, of: u32) {
        if self.due() {
            info!(done, of, "read {done} of {of} results");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_not_flooded() {
        let progress = LogProgress::default();
        assert!(!progress.due(), "nothing in the first seconds");
        *progress.last.lock().unwrap() -= LOG_INTERVAL;
        assert!(progress.due());
        assert!(!progress.due());
    }
}
