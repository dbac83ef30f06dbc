//! Where the tasks of a run are executed, as the command line says.

use std::num::NonZeroUsize;

use epycloud_orchestrator::{Executor, PoolOptions, RetryPolicy, WorkerCommand};

use crate::arguments::Tasks;
use crate::error::CliError;
use crate::settings::LocalRun;

/// Worker processes of this program.
pub(super) fn executor(tasks: &Tasks, run: &LocalRun) -> Result<Executor, CliError> {
    Ok(Executor::Local {
        worker: WorkerCommand::new(
            std::env::current_exe().map_err(|source| CliError::Runtime { source })?,
            run.environment.clone(),
        ),
        pool: PoolOptions {
            max_parallelism: parallelism(tasks.max_parallelism),
            task_timeout: tasks.task_timeout.map(|time| time.0),
            task_memory_mib: tasks.task_memory.map(|memory| memory.0),
            retries: RetryPolicy {
                infrastructure: tasks.retries,
                application: tasks.application_retries,
                delay: tasks.retry_delay.0,
            },
        },
    })
}

/// As many as asked for, or as there are cores.
pub(super) fn parallelism(asked: Option<u32>) -> NonZeroUsize {
    asked
        .and_then(|n| NonZeroUsize::new(n as usize))
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}
