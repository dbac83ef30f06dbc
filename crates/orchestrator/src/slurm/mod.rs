//! Stage B on a Slurm cluster: job arrays of the tasks, watched from here.
//!
//! The arrays are sequenced by this process rather than by dependencies: it knows which tasks
//! failed and whose fault it was, and a cluster's limits on arrays are kept by submitting one array
//! for each block of indices. Jobs go on when this process dies; a session that resumes the run
//! finds them by their names and watches them instead of submitting their tasks again.

mod accounting;
mod client;
mod cluster;
mod end;
mod ended;
mod name;
mod queue;
mod script;
mod take_over;

use std::path::PathBuf;
use std::time::Duration;

use epycloud_config::Environment;
use epycloud_stages::{StageRun, TaskList};

use crate::container::Apptainer;
use crate::error::OrchestratorError;
use crate::pool::PoolReport;
use crate::recorder::Recorder;
use crate::retries::RetryPolicy;
use crate::stop::Stop;
use client::Configuration;
use cluster::Cluster;
use take_over::Earlier;

/// How tasks run on a cluster.
#[derive(Debug, Clone)]
pub struct SlurmOptions {
    /// The program that runs a task when its one argument is `task`; the nodes must see it.
    pub program: PathBuf,
    /// The environment of stage B.
    pub environment: Environment,
    /// The image that all stages run in, instead of the program.
    pub apptainer: Option<Apptainer>,
    /// Where the jobs' logs go; the nodes must see it.
    pub logs: PathBuf,
    /// The partition.
    pub partition: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The most tasks of an array that run at the same time.
    pub max_parallelism: Option<u32>,
    /// How long a task may take. Its node ends it then, by `timeout` of the GNU core utilities;
    /// Slurm, which counts minutes, has a limit somewhat later.
    pub task_timeout: Option<Duration>,
    /// Memory of a task in MiB; doubled after it ran out.
    pub task_memory_mib: Option<u64>,
    /// How many attempts a task gets.
    pub retries: RetryPolicy,
    /// How often Slurm is asked.
    pub poll: Duration,
}

/// Runs tasks.
///
/// # Errors
/// When Slurm can't be asked, or refuses an array.
pub(crate) async fn run_tasks(
    run: &StageRun,
    list: &TaskList,
    options: &SlurmOptions,
    tasks: Vec<u32>,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<PoolReport, OrchestratorError> {
    let configuration = Configuration::ask().await?;
    let mut cluster = Cluster::new(
        (run, list),
        options,
        tasks,
        &configuration,
        (recorder, stop),
    );
    cluster.take_over().await?;
    cluster.work().await
}

/// Records what became of jobs that an earlier session has submitted and nobody has watched since.
///
/// # Errors
/// When Slurm can't be asked, or the run's record not read.
pub(crate) async fn record_unseen(
    run: &StageRun,
    list: &TaskList,
    options: &SlurmOptions,
    recorder: &Recorder,
    stop: &Stop,
) -> Result<(), OrchestratorError> {
    let unreadable = OrchestratorError::record("read which attempts are known");
    let Some(earlier) = Earlier::read(run).await.map_err(unreadable)? else {
        return Ok(());
    };
    let configuration = Configuration::ask().await?;
    let tasks = Vec::new();
    Cluster::new(
        (run, list),
        options,
        tasks,
        &configuration,
        (recorder, stop),
    )
    .record_unseen(&earlier)
    .await
}
