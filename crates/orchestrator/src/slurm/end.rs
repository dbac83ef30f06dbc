//! How a job ended, in Slurm's words.

use std::time::Duration;

use jiff::Timestamp;

/// How a job ended, or stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    /// `RUNNING`, `COMPLETED`, …
    pub(super) state: String,
    /// Exit code, where it has ended by itself.
    pub(super) exit_code: Option<i32>,
    /// The signal that ended it.
    pub(super) signal: Option<i32>,
    /// When it began to run, by whole seconds.
    pub(super) started: Option<Timestamp>,
    /// How long it ran, by whole seconds.
    pub(super) duration: Option<Duration>,
    /// The most memory that it held, in MiB; only the accounting knows.
    pub(super) peak_memory_mib: Option<f64>,
}

impl End {
    /// Of a job that nobody knows any more.
    pub(super) fn forgotten() -> Self {
        Self {
            state: "FORGOTTEN".to_owned(),
            exit_code: None,
            signal: None,
            started: None,
            duration: None,
            peak_memory_mib: None,
        }
    }

    /// Whether it waits or runs.
    pub(super) fn is_active(&self) -> bool {
        matches!(
            self.state.as_str(),
            "PENDING"
                | "RUNNING"
                | "COMPLETING"
                | "CONFIGURING"
                | "SUSPENDED"
                | "RESIZING"
                | "REQUEUED"
                | "REQUEUE_HOLD"
                | "SIGNALING"
                | "STAGE_OUT"
        )
    }

    /// Whether it was cancelled before it ran.
    pub(super) fn never_ran(&self) -> bool {
        self.state == "CANCELLED" && self.duration.unwrap_or_default().is_zero()
    }
}
