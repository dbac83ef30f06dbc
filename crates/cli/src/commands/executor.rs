//! Where the tasks of a run are executed, as the command line says.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use epycloud_orchestrator::{Executor, PoolOptions, RetryPolicy, SlurmOptions, WorkerCommand};

use crate::arguments::{Executor as Asked, Tasks};
use crate::error::CliError;
use crate::settings::LocalRun;

/// Worker processes of this program, or jobs of a cluster that run it.
pub(super) fn executor(
    asked: Option<Asked>,
    tasks: &Tasks,
    run: &LocalRun,
) -> Result<Executor, CliError> {
    let program = std::env::current_exe().map_err(|source| CliError::Runtime { source })?;
    let task_timeout = tasks.task_timeout.map(|time| time.0);
    let task_memory_mib = tasks.task_memory.map(|memory| memory.0);
    let retries = RetryPolicy {
        infrastructure: tasks.retries,
        application: tasks.application_retries,
        delay: tasks.retry_delay.0,
    };
    if asked == Some(Asked::Slurm) {
        return Ok(Executor::Slurm(Box::new(SlurmOptions {
            program,
            environment: run.environment.clone(),
            logs: logs(run)?,
            partition: tasks.slurm_partition.clone(),
            account: tasks.slurm_account.clone(),
            max_parallelism: tasks.max_parallelism,
            task_timeout,
            task_memory_mib,
            retries,
            poll: tasks.slurm_poll.0,
        })));
    }
    Ok(Executor::Local {
        worker: WorkerCommand::new(program, run.environment.clone()),
        pool: PoolOptions {
            max_parallelism: parallelism(tasks.max_parallelism),
            task_timeout,
            task_memory_mib,
            retries,
        },
    })
}

/// The folder of the jobs' logs, which must be there before a job begins.
fn logs(run: &LocalRun) -> Result<PathBuf, CliError> {
    let folder = run.folder().join("state").join("slurm");
    std::fs::create_dir_all(&folder).map_err(|source| CliError::Logs {
        folder: folder.clone(),
        source,
    })?;
    Ok(folder)
}

/// As many as asked for, or as there are cores.
pub(super) fn parallelism(asked: Option<u32>) -> NonZeroUsize {
    asked
        .and_then(|n| NonZeroUsize::new(n as usize))
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}
