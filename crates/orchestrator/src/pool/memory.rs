//! How many tasks fit into the memory there is, learnt from those that ran.

use std::cell::Cell;

use tokio::sync::Notify;

use crate::stop::Stop;

/// The share of the available memory that tasks are given.
const SHARE: f64 = 0.9;
/// How much more than it held a task is thought to need after it ran out.
const AFTER_OUT_OF_MEMORY: f64 = 1.5;

/// Lets as many tasks begin as fit.
pub(super) struct Governor {
    parallelism: usize,
    budget_mib: Option<f64>,
    per_task_mib: Cell<f64>,
    running: Cell<usize>,
    told: Cell<usize>,
    freed: Notify,
}

/// The leave of one task to run; given back when it is dropped.
pub(super) struct Leave<'a>(&'a Governor);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
        self.0.freed.notify_waiters();
    }
}

impl Governor {
    /// At most `parallelism` tasks at a time, and at least one. `available_mib` is what there is;
    /// `per_task_mib` what a task is known to need at least.
    pub(super) fn new(
        parallelism: usize,
        available_mib: Option<f64>,
        per_task_mib: Option<f64>,
    ) -> Self {
        Self {
            parallelism,
            budget_mib: available_mib.map(|mib| mib * SHARE),
            per_task_mib: Cell::new(per_task_mib.unwrap_or(0.0)),
            running: Cell::new(0),
            told: Cell::new(parallelism),
            freed: Notify::new(),
        }
    }

    /// Whether one more task fits now.
    pub(super) fn has_room(&self) -> bool {
        self.running.get() < self.allowed()
    }

    /// Waits until one more task fits; `None` when the run is to stop.
    pub(super) async fn admit(&self, stop: &Stop) -> Option<Leave<'_>> {
        loop {
            let freed = self.freed.notified();
            if stop.signal().is_some() {
                return None;
            }
            if self.has_room() {
                self.running.set(self.running.get() + 1);
                return Some(Leave(self));
            }
            tokio::select! {
                () = freed => {}
                _ = stop.asked() => return None,
            }
        }
    }

    /// How many tasks may run at the same time, by what is known now.
    fn allowed(&self) -> usize {
        let fit = match self.budget_mib {
            Some(budget) if self.per_task_mib.get() > 0.0 => {
                (budget / self.per_task_mib.get()).floor()
            }
            _ => f64::INFINITY,
        };
        (fit.max(1.0) as usize).min(self.parallelism)
    }

    /// A task has held so much.
    pub(super) fn learn(&self, peak_mib: f64) {
        self.per_task_mib.set(self.per_task_mib.get().max(peak_mib));
    }

    /// A task has held so much, which was too much.
    pub(super) fn out_of_memory(&self, peak_mib: f64) {
        self.learn(peak_mib.max(self.per_task_mib.get()) * AFTER_OUT_OF_MEMORY);
        // Where nothing was measured, at least one task fewer.
        if self.allowed() >= self.running.get()
            && let Some(budget) = self.budget_mib
        {
            let fewer = self.running.get().saturating_sub(1).max(1);
            self.learn(budget / fewer as f64);
        }
    }

    /// That fewer tasks run than were asked for, once for each number.
    pub(super) fn news(&self) -> Option<String> {
        let allowed = self.allowed();
        if allowed >= self.told.get() {
            return None;
        }
        self.told.set(allowed);
        Some(format!(
            "at most {allowed} of {} tasks run at the same time: one needs {:.0} MiB, and {:.0} MiB \
             can be used",
            self.parallelism,
            self.per_task_mib.get(),
            self.budget_mib.unwrap_or_default()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn as_many_tasks_run_as_fit_and_one_always_does() {
        let stop = Stop::default();
        let governor = Governor::new(4, Some(1000.0), None);
        let first = governor.admit(&stop).await.unwrap();
        governor.learn(400.0);
        assert_eq!(governor.allowed(), 2);
        assert!(governor.news().unwrap().starts_with("at most 2 of 4"));
        assert_eq!(governor.news(), None);
        let second = governor.admit(&stop).await.unwrap();
        governor.out_of_memory(500.0);
        assert_eq!(governor.allowed(), 1);
        drop((first, second));
        governor.learn(1e9);
        assert!(governor.admit(&stop).await.is_some());
    }

    #[test]
    fn without_knowledge_nothing_is_held_back() {
        assert_eq!(Governor::new(3, None, None).allowed(), 3);
    }
}
