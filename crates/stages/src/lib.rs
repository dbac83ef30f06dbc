//! Builder, runner and output stages, their artifacts and their engines.

pub mod artifact;
mod blocking;
mod builder;
pub mod engine;
mod error;
mod git;
mod hash;
mod loading;
pub mod manifest;
pub mod output;
mod progress;
mod report;
mod run;
mod runner;
mod tasks;
pub mod telemetry;
pub mod worker;

pub use builder::{BuilderReport, run_builder};
pub use engine::{Engine, EngineFailure, NativeEngine};
pub use error::StageError;
pub use git::head_commit;
pub use hash::{InvalidSha256, Sha256};
pub use loading::{ArtifactProblem, Cause};
pub use output::{OutputReport, run_output};
pub use progress::{LogProgress, Progress, Unwatched};
pub use run::{StageRun, StageSettings};
pub use runner::{RunnerReport, run_runner, run_task};
pub use tasks::TaskList;
pub use worker::worker_main;
