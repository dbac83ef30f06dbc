//! Worker threads that finish jobs in any order and give their results back in the order of the
//! jobs, so that what is written doesn't depend on how many there are.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A job's result, or the panic it ended in.
type Outcome<R> = Result<R, Box<dyn Any + Send>>;

/// Why sending and receiving can't fail: workers catch panics, and end only with the queue.
const ALIVE: &str = "workers live as long as the pool";

/// A fixed number of threads with a bounded number of jobs under way.
pub(super) struct OrderedPool<J, R> {
    jobs: Sender<(u64, J)>,
    outcomes: Receiver<(u64, Outcome<R>)>,
    workers: Vec<JoinHandle<()>>,
    /// Results that wait for an earlier one.
    early: BTreeMap<u64, Outcome<R>>,
    submitted: u64,
    taken: u64,
    limit: u64,
}

impl<J: Send + 'static, R: Send + 'static> OrderedPool<J, R> {
    /// Starts the threads, each with a worker of its own that keeps its buffers from job to job.
    ///
    /// # Errors
    /// When no thread can be started; fewer than asked for are enough.
    pub(super) fn start<W: FnMut(J) -> R + Send + 'static>(
        n_threads: usize,
        make_worker: impl Fn() -> W,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let (results, outcomes) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut workers = Vec::new();
        let mut failure = None;
        for index in 0..n_threads.max(1) {
            let (queue, results) = (Arc::clone(&queue), results.clone());
            let worker = make_worker();
            let thread = std::thread::Builder::new().name(format!("outputs-{index}"));
            match thread.spawn(move || work(&queue, &results, worker)) {
                Ok(worker) => workers.push(worker),
                Err(error) => failure = Some(error),
            }
        }
        if let (true, Some(error)) = (workers.is_empty(), failure) {
            return Err(error);
        }
        // One job under way and one waiting for each worker.
        let limit = 2 * workers.len() as u64;
        let early = BTreeMap::new();
        Ok(Self {
            jobs,
            outcomes,
            workers,
            early,
            submitted: 0,
            taken: 0,
            limit,
        })
    }

    /// Whether results must be taken before another job is submitted.
    pub(super) fn is_full(&self) -> bool {
        self.submitted - self.taken >= self.limit
    }

    /// Gives a job to the next free worker.
    pub(super) fn submit(&mut self, job: J) {
        self.jobs.send((self.submitted, job)).expect(ALIVE);
        self.submitted += 1;
    }

    /// The result of the oldest job not yet taken, waiting for it; `None` when there is no job
    /// left. A job's panic goes on here.
    pub(super) fn take(&mut self) -> Option<R> {
        while self.taken < self.submitted {
            if let Some(result) = self.take_ready() {
                return Some(result);
            }
            let (number, outcome) = self.outcomes.recv().expect(ALIVE);
            self.early.insert(number, outcome);
        }
        None
    }

    /// The result of the oldest job, if it is there already.
    pub(super) fn take_ready(&mut self) -> Option<R> {
        self.early.extend(self.outcomes.try_iter());
        match self.early.remove(&self.taken)? {
            Ok(result) => {
                self.taken += 1;
                Some(result)
            }
            Err(panic) => resume_unwind(panic),
        }
    }
}

impl<J, R> Drop for OrderedPool<J, R> {
    fn drop(&mut self) {
        // The workers end when the queue does.
        self.jobs = channel().0;
        for worker in self.workers.drain(..) {
            drop(worker.join());
        }
    }
}

/// Does jobs until there are no more.
fn work<J, R>(
    queue: &Mutex<Receiver<(u64, J)>>,
    results: &Sender<(u64, Outcome<R>)>,
    mut worker: impl FnMut(J) -> R,
) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = next else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| worker(job)));
        if results.send((number, outcome)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let mut pool = OrderedPool::start(4, || {
            |job: u64| {
                std::thread::sleep(Duration::from_micros(job * 7919 % 300));
                job
            }
        })
        .unwrap();
        let mut results = Vec::new();
        for job in 0..200 {
            while pool.is_full() {
                results.extend(pool.take());
            }
            pool.submit(job);
            results.extend(pool.take_ready());
        }
        results.extend(std::iter::from_fn(|| pool.take()));
        assert!(results.into_iter().eq(0..200));
    }

    #[test]
    #[should_panic(expected = "job 3")]
    fn a_panic_of_a_job_reaches_the_caller() {
        let mut pool = OrderedPool::start(2, || {
            |job: u32| {
                assert!(job != 3, "job {job}");
                job
            }
        })
        .unwrap();
        (0..5).for_each(|job| pool.submit(job));
        while pool.take().is_some() {}
    }
}
