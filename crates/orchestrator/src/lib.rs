//! Runs a workflow: the three stages one after the other, stage B over worker processes, containers,
//! a Slurm cluster or Google Cloud Batch.
//!
//! An orchestrator tells an [`Observer`] what happens, keeps it in the run ([`record`]) and returns
//! a [`WorkflowReport`]; it prints nothing and reads no environment but the one it is given. A task
//! that fails, or a worker that crashes, ends that task and no other. A run that was stopped, or
//! killed, goes on where it was: a task whose result counts never runs again.
//!
//! ```no_run
//! use std::num::NonZeroUsize;
//! use std::sync::Arc;
//!
//! use epycloud_config::{Environment, RuntimeSettings, Stage};
//! use epycloud_orchestrator::{
//!     Executor, LogTap, PoolOptions, RetryPolicy, Stop, Unobserved, WorkerCommand, Workflow,
//!     WorkflowOptions,
//! };
//! use epycloud_stages::StageRun;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let environment = Environment::from_pairs([
//!     ("EXECUTION_MODE", "local"),
//!     ("EXP_ID", "quickstart"),
//!     ("RUN_ID", "first"),
//!     ("LOCAL_DATA_PATH", "examples/quickstart/local"),
//!     ("FORECAST_REPO_DIR", "examples/quickstart"),
//! ]);
//! let settings = RuntimeSettings::from_environment(&environment)?;
//! let workflow = Workflow {
//!     run: StageRun::from_runtime(&settings, Stage::Builder)?,
//!     executor: Executor::Local {
//!         worker: WorkerCommand::new("epycloud".into(), environment),
//!         pool: PoolOptions {
//!             max_parallelism: NonZeroUsize::new(2).unwrap(),
//!             task_timeout: None,
//!             task_memory_mib: None,
//!             retries: RetryPolicy::default(),
//!         },
//!     },
//!     options: WorkflowOptions::default(),
//!     stop: Stop::default(),
//!     log: LogTap::default(),
//! };
//! let report = workflow.execute(Arc::new(Unobserved)).await?;
//! println!("{} tasks, {} failed", report.n, report.failed.len());
//! # Ok(())
//! # }
//! ```

mod batch;
mod bookkeeping;
mod build;
mod compare;
mod container;
mod current;
mod data_files;
mod elsewhere;
mod enough;
mod error;
mod event;
mod executor;
mod job;
mod pool;
pub mod record;
mod recorder;
mod resume;
mod retries;
mod runs;
mod session;
mod slurm;
mod sources;
mod stop;
mod told;
mod workflow;

pub use batch::BatchOptions;
pub use build::BuildMode;
pub use compare::{Comparison, compare_runs};
pub use container::{Apptainer, ContainerError, ContainerOptions, Containers, Purpose};
pub use data_files::{DataFiles, FileState};
pub use error::{FailedTask, OrchestratorError};
pub use event::{Event, Observer, Unobserved};
pub use executor::Executor;
pub use pool::{PoolOptions, WorkerCommand};
pub use record::LogTap;
pub use resume::{Reason, Selection, TaskKey, stored_results};
pub use retries::RetryPolicy;
pub use runs::{RunFolder, RunSize, run_folders, run_size};
pub use slurm::SlurmOptions;
pub use sources::Sources;
pub use stop::Stop;
pub use workflow::{Workflow, WorkflowOptions, WorkflowReport};
