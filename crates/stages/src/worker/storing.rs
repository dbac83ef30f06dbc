//! Results that are being stored while the worker runs the next task.
//!
//! A short task takes as long as the disk, or the network, takes to keep its result: so the two
//! happen at the same time. A task is done, and is said to be, when its result is stored.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use epycloud_storage::block_here;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::protocol::Answer;
use super::serve::{Answers, Begun};
use crate::error::StageError;
use crate::runner::Simulated;

/// Results that are stored at the same time at most.
const MOST: usize = 8;
/// Larger results, in bytes before compression, are stored before the next task begins, so that
/// the memory that a worker holds is its task's.
const LARGEST: usize = 4 << 20;

/// The results that a worker is storing.
#[derive(Default)]
pub(super) struct Storing(VecDeque<JoinHandle<()>>);

impl Storing {
    /// Stores what came of a task, and answers once it is stored. A small result is stored while
    /// the worker goes on, which it says first.
    ///
    /// # Errors
    /// When nobody listens to the worker any more.
    pub(super) fn begin(
        &mut self,
        runtime: &Runtime,
        answers: &Arc<Answers>,
        begun: Begun,
        simulated: Simulated,
    ) -> io::Result<()> {
        let goes_on = simulated.bytes().is_some_and(|bytes| bytes <= LARGEST);
        if goes_on {
            self.wait_for(runtime, MOST - 1);
            answers.say(&Answer::Simulated { task: begun.task })?;
        }
        let answers = Arc::clone(answers);
        let handle = runtime.handle().clone();
        self.0.push_back(runtime.spawn_blocking(move || {
            block_here();
            let storing = simulated.store().instrument(begun.span.clone());
            let stored = catch_unwind(AssertUnwindSafe(|| handle.block_on(storing)));
            let stored = stored.unwrap_or_else(|panic| {
                Err(StageError::panicked("storing the result of a task", panic))
            });
            // That nobody listens shows with the next request.
            let _ = answers.say(&begun.answer(stored));
        }));
        if !goes_on {
            self.wait_for(runtime, 0);
        }
        Ok(())
    }

    /// Waits until so many results are being stored, or fewer.
    pub(super) fn wait_for(&mut self, runtime: &Runtime, most: usize) {
        while self.0.len() > most
            && let Some(first) = self.0.pop_front()
        {
            // It ends by itself: whatever happens to the storing is its answer.
            let _ = runtime.block_on(first);
        }
    }
}
