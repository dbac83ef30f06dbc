//! Runs a workflow: the three stages one after the other, stage B over worker processes.
//!
//! An orchestrator tells an [`Observer`] what happens and returns a [`WorkflowReport`]; it prints
//! nothing and reads no environment but the one it is given. A task that fails, or a worker that
//! crashes, ends that task and no other.
//!
//! ```no_run
//! use std::num::NonZeroUsize;
//! use std::sync::Arc;
//!
//! use epycloud_config::{Environment, RuntimeSettings, Stage};
//! use epycloud_orchestrator::{LocalWorkflow, Unobserved, WorkerCommand};
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
//! let workflow = LocalWorkflow {
//!     run: StageRun::from_runtime(&settings, Stage::Builder)?,
//!     worker: WorkerCommand::new("epycloud".into(), environment),
//!     max_parallelism: NonZeroUsize::new(2).unwrap(),
//!     skip_output: false,
//! };
//! let report = workflow.execute(Arc::new(Unobserved)).await?;
//! println!("{} tasks, {} failed", report.built.n, report.failed.len());
//! # Ok(())
//! # }
//! ```

mod error;
mod event;
mod pool;
mod worker;
mod workflow;

pub use error::{FailedTask, OrchestratorError};
pub use event::{Event, Observer, Unobserved};
pub use worker::WorkerCommand;
pub use workflow::{LocalWorkflow, WorkflowReport};
