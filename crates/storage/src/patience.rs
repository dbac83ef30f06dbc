//! Trying again what may well work the next time.

use std::time::{Duration, Instant};

use tracing::debug;

use crate::{Result, StorageError};

/// For how long, and at what pace, a temporary failure is tried again.
///
/// Object stores answer 503 now and then, connections break, and a task of an hour must not be lost
/// for it. The waits grow from `first` to `longest`, each drawn anew between nothing and that, so
/// that many tasks that failed together don't come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After so long, counted from the first try, a failure is final.
    pub deadline: Duration,
    /// The longest first wait.
    pub first: Duration,
    /// The longest wait of all.
    pub longest: Duration,
}

impl Default for Patience {
    /// Two minutes; waits of up to 0.2 s at first, up to 15 s later.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(120),
            first: Duration::from_millis(200),
            longest: Duration::from_secs(15),
        }
    }
}

/// One operation's tries.
pub(crate) struct Tries {
    patience: Option<Patience>,
    started: Instant,
    failed: u32,
}

impl Tries {
    /// Without patience, the first failure is final.
    pub(crate) fn new(patience: Option<Patience>) -> Self {
        Self {
            patience,
            started: Instant::now(),
            failed: 0,
        }
    }

    /// Whether nothing has failed yet.
    pub(crate) const fn is_first(&self) -> bool {
        self.failed == 0
    }

    /// Waits before the next try, or gives the error back when there is to be none.
    pub(crate) async fn wait_after(&mut self, error: StorageError) -> Result<()> {
        let Some(patience) = self.patience.filter(|_| error.is_temporary()) else {
            return Err(error);
        };
        let wait = patience.wait(self.failed, fraction());
        if self.started.elapsed() + wait > patience.deadline {
            return Err(error);
        }
        self.failed += 1;
        debug!(
            error = &error as &dyn std::error::Error,
            "trying again in {} ms",
            wait.as_millis()
        );
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Runs an operation until it works, fails for good, or the deadline is over.
    pub(crate) async fn insist<T, F>(mut self, mut operation: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        loop {
            match operation().await {
                Ok(value) => return Ok(value),
                Err(error) => self.wait_after(error).await?,
            }
        }
    }
}

impl Patience {
    /// Runs an operation of any kind until it works, fails in a way that isn't temporary, or the
    /// deadline is over. Needs a Tokio runtime with time.
    ///
    /// # Errors
    ///
    /// The operation's last.
    pub async fn insist<T, E, F>(
        &self,
        mut operation: impl FnMut() -> F,
        is_temporary: impl Fn(&E) -> bool,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let started = Instant::now();
        let mut failed = 0;
        loop {
            let error = match operation().await {
                Err(error) if is_temporary(&error) => error,
                ended => return ended,
            };
            let wait = self.wait(failed, fraction());
            if started.elapsed() + wait > self.deadline {
                return Err(error);
            }
            failed += 1;
            tokio::time::sleep(wait).await;
        }
    }

    /// The wait after so many failures before, as a fraction of the longest it may be.
    fn wait(&self, failed: u32, fraction: f64) -> Duration {
        let longest = self.first.saturating_mul(1 << failed.min(20));
        longest.min(self.longest).mul_f64(fraction)
    }
}

/// From 0 to 1; a half where the system has no random bytes.
fn fraction() -> f64 {
    getrandom::u32().map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest() {
        let patience = Patience::default();
        let seconds = |failed| patience.wait(failed, 1.0).as_secs_f64();
        assert_eq!(seconds(0), 0.2);
        assert_eq!(seconds(3), 1.6);
        assert_eq!(seconds(7), 15.0);
        assert_eq!(seconds(u32::MAX), 15.0);
        assert_eq!(patience.wait(3, 0.0), Duration::ZERO);
    }
}
