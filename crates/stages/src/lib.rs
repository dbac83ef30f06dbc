//! Builder, runner and output stages, their artifacts and their engines.
//!
//! [`run_builder`] turns an experiment into the inputs of its tasks, [`run_runner`] one input into
//! a result, [`run_output`] the results into tables. Each works on a [`StageRun`]: its options, a
//! storage, and an [`Engine`] that does the modelling. They print nothing; what happens is told to
//! [`tracing`], how far they are to a [`Progress`], and what came of it is in the report.
//!
//! ```
//! use epycloud_config::{Environment, RuntimeSettings, Stage, TaskIndex};
//! use epycloud_stages::{StageRun, run_builder, run_output, run_runner};
//!
//! # let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../test-support/fixtures/forecast");
//! # let folder = tempfile::tempdir()?;
//! # let data = folder.path().to_str().unwrap();
//! let environment = Environment::from_pairs([
//!     ("EXECUTION_MODE", "local"),
//!     ("EXP_ID", "tiny"),
//!     ("FORECAST_REPO_DIR", repository),
//!     ("LOCAL_DATA_PATH", data),
//! ]);
//! let settings = RuntimeSettings::from_environment(&environment)?;
//! let run = StageRun::from_runtime(&settings, Stage::Builder)?;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let built = run_builder(&run).await?;
//! for index in 0..built.n {
//!     run_runner(&run, TaskIndex::new(index)).await?;
//! }
//! let report = run_output(&run).await?;
//!
//! assert_eq!(built.n, 3);
//! assert!(report.files.iter().any(|file| file.name.as_str() == "quantiles_transitions.csv.gz"));
//! # Ok::<(), epycloud_stages::StageError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod artifact;
mod blocking;
mod builder;
mod checkpoints;
pub mod engine;
mod error;
pub mod forecast;
mod git;
mod hash;
mod loading;
pub mod manifest;
pub mod output;
mod process;
mod progress;
mod report;
mod run;
mod runner;
mod tasks;
pub mod telemetry;
pub mod validation;
pub mod worker;

pub use builder::{BuilderReport, run_builder};
pub use engine::{Engine, EngineFailure, NativeEngine};
pub use error::StageError;
pub use git::head_commit;
pub use hash::{InvalidSha256, Sha256};
pub use loading::{ArtifactProblem, Cause};
pub use output::{OutputReport, run_output};
pub use process::run_stage;
pub use progress::{LogProgress, Progress, Unwatched};
pub use run::{StageRun, StageSettings, data_sources};
pub use runner::{RunnerReport, run_runner};
pub use tasks::TaskList;
pub use worker::worker_main;
