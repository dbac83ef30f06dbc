//! The tasks that wait: first those never tried, in order, then those to be tried again.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::retries::Failures;
use crate::stop::Stop;

/// A task's next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Job {
    pub(super) task: u32,
    pub(super) failures: Failures,
    /// Attempts that another task's end has cost it: those are counted against nobody.
    pub(super) bereavements: u32,
}

impl Job {
    /// Which attempt this is, from 1.
    pub(super) fn number(&self) -> u32 {
        self.failures.in_all() + self.bereavements + 1
    }
}

/// The tasks that wait.
pub(super) struct Queue {
    state: RefCell<State>,
}

struct State {
    fresh: VecDeque<u32>,
    delayed: BinaryHeap<Reverse<(Instant, Job)>>,
}

impl Queue {
    pub(super) fn new(tasks: Vec<u32>) -> Self {
        Self {
            state: RefCell::new(State {
                fresh: tasks.into(),
                delayed: BinaryHeap::new(),
            }),
        }
    }

    /// The next attempt, once it is due; `None` when nothing waits, or the run is to stop. A task
    /// that runs and comes back is taken by whoever ran it.
    pub(super) async fn next(&self, stop: &Stop) -> Option<Job> {
        loop {
            if stop.signal().is_some() {
                return None;
            }
            let due = match self.take(Instant::now()) {
                Ok(job) => return Some(job),
                Err(due) => due?,
            };
            tokio::select! {
                () = sleep_until(due) => {}
                _ = stop.asked() => return None,
            }
        }
    }

    /// Whether a job can be taken at once.
    pub(super) fn is_due(&self) -> bool {
        let state = self.state.borrow();
        let due = |Reverse((due, _)): &Reverse<(Instant, Job)>| *due <= Instant::now();
        !state.fresh.is_empty() || state.delayed.peek().is_some_and(due)
    }

    /// A job that is due at `now`, or when the first of those that wait will be.
    fn take(&self, now: Instant) -> Result<Job, Option<Instant>> {
        let mut state = self.state.borrow_mut();
        if let Some(task) = state.fresh.pop_front() {
            return Ok(Job {
                task,
                failures: Failures::default(),
                bereavements: 0,
            });
        }
        let due = state.delayed.peek().map(|Reverse((due, _))| *due);
        match due {
            Some(due) if due <= now => {
                let next = state.delayed.pop().map(|Reverse((_, job))| job);
                next.ok_or(None)
            }
            due => Err(due),
        }
    }

    /// Puts a job back.
    pub(super) fn retry(&self, job: Job, delay: Duration) {
        let due = Instant::now() + delay;
        self.state.borrow_mut().delayed.push(Reverse((due, job)));
    }

    /// How many tasks wait.
    pub(super) fn len(&self) -> usize {
        let state = self.state.borrow();
        state.fresh.len() + state.delayed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_task_is_taken_once_and_retries_wait_their_turn() {
        let queue = Queue::new(vec![3, 5]);
        let stop = Stop::default();
        let first = queue.next(&stop).await.unwrap();
        assert_eq!((first.task, first.number()), (3, 1));
        let again = Job {
            failures: Failures {
                infrastructure: 1,
                ..Failures::default()
            },
            ..first
        };
        queue.retry(again, Duration::from_millis(20));
        assert_eq!(queue.next(&stop).await.unwrap().task, 5);
        assert_eq!(queue.len(), 1);
        let second = queue.next(&stop).await.unwrap();
        assert_eq!((second.task, second.number()), (3, 2));
        assert_eq!(queue.next(&stop).await, None);
    }

    #[tokio::test]
    async fn nothing_is_taken_once_the_run_is_to_stop() {
        let queue = Queue::new(vec![0]);
        let stop = Stop::default();
        stop.after_tasks(epycloud_stages::engine::StopSignal::Interrupt);
        assert_eq!(queue.next(&stop).await, None);
    }
}
