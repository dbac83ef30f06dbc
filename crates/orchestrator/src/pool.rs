//! Stage B over worker processes: each takes the next task until there is none.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use epycloud_stages::worker::Answer;
use futures::future;

use crate::error::{FailedTask, OrchestratorError};
use crate::event::{Event, Observer};
use crate::worker::{Served, Worker, WorkerCommand};

/// Runs `n` tasks on at most `parallelism` workers at a time; the failed ones, in order.
///
/// # Errors
/// When a worker can't be started: then no task could run.
pub(crate) async fn run_tasks(
    command: &WorkerCommand,
    n: u32,
    parallelism: NonZeroUsize,
    observer: &Arc<dyn Observer>,
) -> Result<Vec<FailedTask>, OrchestratorError> {
    let next = AtomicU32::new(0);
    let n_workers = parallelism.get().min(n as usize);
    let workers = (0..n_workers).map(|_| work(command, &next, n, observer));
    let mut failed: Vec<FailedTask> = future::try_join_all(workers)
        .await?
        .into_iter()
        .flatten()
        .collect();
    failed.sort_by_key(|task| task.task);
    Ok(failed)
}

/// One worker's share of the tasks. A worker that crashes is replaced, and its task has failed.
async fn work(
    command: &WorkerCommand,
    next: &AtomicU32,
    n: u32,
    observer: &Arc<dyn Observer>,
) -> Result<Vec<FailedTask>, OrchestratorError> {
    let mut failed = Vec::new();
    let mut worker = None;
    while let Some(task) = take(next, n) {
        let mut running = match worker.take() {
            Some(running) => running,
            None => Worker::start(command, observer).await?,
        };
        observer.notify(&Event::TaskStarted { task });
        let served = running.run(task, &**observer).await;
        if let Served::Answer(_) = &served {
            worker = Some(running);
        }
        if let Err(failure) = outcome(task, served, &**observer) {
            observer.notify(&Event::TaskFailed {
                task,
                error: failure.chain.clone(),
            });
            failed.push(failure);
        }
    }
    if let Some(running) = worker {
        running.stop().await;
    }
    Ok(failed)
}

fn take(next: &AtomicU32, n: u32) -> Option<u32> {
    next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |index| {
        (index < n).then(|| index + 1)
    })
    .ok()
}

fn outcome(task: u32, served: Served, observer: &dyn Observer) -> Result<(), FailedTask> {
    let failed = |chain, hint, temporary| FailedTask {
        task,
        chain,
        hint,
        temporary,
    };
    match served {
        Served::Answer(Answer::Done { duration_secs, .. }) => {
            observer.notify(&Event::TaskFinished {
                task,
                duration_secs,
            });
            Ok(())
        }
        Served::Answer(answer) => {
            let temporary = answer.is_temporary();
            match answer {
                Answer::Failed { chain, hint, .. } | Answer::Refused { chain, hint, .. } => {
                    Err(failed(chain, hint, temporary))
                }
                other => {
                    let line = other.to_line();
                    Err(failed(
                        vec![format!("unexpected answer `{}`", line.trim_end())],
                        None,
                        false,
                    ))
                }
            }
        }
        Served::Crashed(reason) => Err(failed(vec![reason], None, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_taken_once() {
        let next = AtomicU32::new(0);
        let taken: Vec<u32> = std::iter::from_fn(|| take(&next, 3)).collect();
        assert_eq!(taken, [0, 1, 2]);
        assert_eq!(take(&next, 3), None);
        assert_eq!(take(&AtomicU32::new(u32::MAX), u32::MAX), None);
    }
}
