//! Where the stages of a run are executed, as the command line says.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use epycloud_config::Stage;
use epycloud_errors::Report;
use epycloud_orchestrator::{
    Apptainer, ContainerOptions, Containers, Executor, Observer, PoolOptions, Purpose, RetryPolicy,
    SlurmOptions, Unobserved, WorkerCommand,
};
use epycloud_stages::StageRun;

use super::runtime::{Ended, block_on};
use crate::arguments::{Common, Executor as Asked, Tasks};
use crate::error::CliError;
use crate::settings::LocalRun;

/// An executor, and the run as its engine sees it.
pub(super) type Prepared = (Executor, StageRun);

/// Worker processes of this program, containers, or jobs of a cluster. The run is for `stage`; where
/// an image has the engine, a worker of it is asked which one that is.
pub(super) fn prepare(
    asked: Option<Asked>,
    tasks: &Tasks,
    run: &LocalRun,
    stage: Stage,
    purpose: Purpose,
) -> Result<Ended<Prepared>, Report> {
    let executor = match block_on(executor(asked, tasks, run, purpose))? {
        Ended::Itself(executor) => executor?,
        Ended::Stopped(code) => return Ok(Ended::Stopped(code)),
    };
    let stage_run = match executor.stage_worker() {
        Some(worker) => match in_image(&worker, run, stage)? {
            Ended::Itself(stage_run) => stage_run,
            Ended::Stopped(code) => return Ok(Ended::Stopped(code)),
        },
        None if stage == Stage::Runner => StageRun::for_tasks(&run.runtime)?,
        None => StageRun::from_runtime(&run.runtime, stage)?,
    };
    Ok(Ended::Itself((executor, stage_run)))
}

/// Whether stages run in an image, whose engine this machine may lack.
pub(super) fn is_in_image(common: &Common, tasks: &Tasks) -> bool {
    common.executor == Some(Asked::Docker) || tasks.slurm_image.is_some()
}

/// The run with the engine of an image.
fn in_image(
    worker: &WorkerCommand,
    run: &LocalRun,
    stage: Stage,
) -> Result<Ended<StageRun>, Report> {
    let observer: Arc<dyn Observer> = Arc::new(Unobserved);
    Ok(match block_on(worker.engine(&observer))? {
        Ended::Itself(engine) => {
            let engine = Arc::new(engine?);
            Ended::Itself(StageRun::with_engine(&run.runtime, stage, engine)?)
        }
        Ended::Stopped(code) => Ended::Stopped(code),
    })
}

async fn executor(
    asked: Option<Asked>,
    tasks: &Tasks,
    run: &LocalRun,
    purpose: Purpose,
) -> Result<Executor, Report> {
    Ok(match asked {
        Some(Asked::Slurm) => Executor::Slurm(Box::new(slurm(tasks, run).await?)),
        Some(Asked::Docker) => Executor::Docker {
            worker: container(tasks, run, purpose).await?,
            pool: pool(tasks),
        },
        _ => Executor::Local {
            worker: WorkerCommand::new(program()?, run.environment.clone()),
            pool: pool(tasks),
        },
    })
}

/// How workers are started in containers.
async fn container(
    tasks: &Tasks,
    run: &LocalRun,
    purpose: Purpose,
) -> Result<WorkerCommand, Report> {
    let options = ContainerOptions {
        image: tasks.image.clone(),
        memory_mib: tasks.task_memory.map(|memory| memory.0),
        purpose,
    };
    let containers = Containers::find(&options, &run.runtime, &run.environment).await?;
    Ok(WorkerCommand::in_containers(
        containers,
        run.environment.clone(),
    ))
}

async fn slurm(tasks: &Tasks, run: &LocalRun) -> Result<SlurmOptions, Report> {
    let apptainer = match &tasks.slurm_image {
        Some(image) => Some(Apptainer::find(image, &run.runtime).await?),
        None => None,
    };
    let pool = pool(tasks);
    Ok(SlurmOptions {
        program: program()?,
        environment: run.environment.clone(),
        apptainer,
        logs: logs(run)?,
        partition: tasks.slurm_partition.clone(),
        account: tasks.slurm_account.clone(),
        max_parallelism: tasks.max_parallelism,
        task_timeout: pool.task_timeout,
        task_memory_mib: pool.task_memory_mib,
        retries: pool.retries,
        poll: tasks.slurm_poll.0,
    })
}

fn pool(tasks: &Tasks) -> PoolOptions {
    PoolOptions {
        max_parallelism: parallelism(tasks.max_parallelism),
        task_timeout: tasks.task_timeout.map(|time| time.0),
        task_memory_mib: tasks.task_memory.map(|memory| memory.0),
        retries: RetryPolicy {
            infrastructure: tasks.retries,
            application: tasks.application_retries.unwrap_or(0),
            delay: tasks.retry_delay.0,
        },
    }
}

fn program() -> Result<PathBuf, CliError> {
    std::env::current_exe().map_err(|source| CliError::Runtime { source })
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
