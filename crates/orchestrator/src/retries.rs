//! How many attempts a task gets, wherever it runs.

use std::time::Duration;

use crate::record::Blame;

/// The longest wait before another attempt.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// How many attempts a task gets, and how they are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Further attempts after ones that the machine is to blame for.
    pub infrastructure: u32,
    /// Further attempts after ones that the task is to blame for.
    pub application: u32,
    /// The wait before the second attempt; doubled before each further one, up to a minute.
    pub delay: Duration,
}

impl Default for RetryPolicy {
    /// Two more attempts where the machine is to blame, none where the task is.
    fn default() -> Self {
        Self {
            infrastructure: 2,
            application: 0,
            delay: Duration::from_secs(1),
        }
    }
}

impl RetryPolicy {
    /// The wait before the next attempt, if a task gets one whose last one failed by `blame` and is
    /// among the failures.
    pub(crate) fn after(&self, failures: Failures, blame: Option<Blame>) -> Option<Duration> {
        let is_left = match blame.unwrap_or(Blame::Application) {
            Blame::Application => failures.application <= self.application,
            Blame::Infrastructure => failures.infrastructure <= self.infrastructure,
        };
        let exponent = failures.in_all().saturating_sub(1).min(16);
        is_left.then(|| (self.delay * (1 << exponent)).min(LONGEST_DELAY))
    }
}

/// How often a task has failed in a session, by whose fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failures {
    /// Its own.
    pub(crate) application: u32,
    /// The machine's.
    pub(crate) infrastructure: u32,
}

impl Failures {
    /// Counts one more; nobody's is the task's own.
    pub(crate) fn count(&mut self, blame: Option<Blame>) {
        match blame.unwrap_or(Blame::Application) {
            Blame::Application => self.application += 1,
            Blame::Infrastructure => self.infrastructure += 1,
        }
    }

    /// All of them.
    pub(crate) const fn in_all(self) -> u32 {
        self.application + self.infrastructure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_apart_and_waits_double() {
        let policy = RetryPolicy {
            infrastructure: 2,
            application: 0,
            delay: Duration::from_secs(1),
        };
        let after = |policy: RetryPolicy, (application, infrastructure), blame| {
            let failures = Failures {
                application,
                infrastructure,
            };
            policy.after(failures, Some(blame))
        };
        let secs = |failures, blame| after(policy, failures, blame).map(|delay| delay.as_secs());
        assert_eq!(secs((0, 1), Blame::Infrastructure), Some(1));
        assert_eq!(secs((0, 2), Blame::Infrastructure), Some(2));
        assert_eq!(secs((0, 3), Blame::Infrastructure), None);
        assert_eq!(secs((1, 2), Blame::Application), None);
        let patient = RetryPolicy {
            application: 20,
            ..policy
        };
        let delay = after(patient, (20, 0), Blame::Application);
        assert_eq!(delay, Some(LONGEST_DELAY));
    }
}
