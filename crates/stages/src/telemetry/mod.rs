//! Summaries of what a stage did: how long, how much, with what outcome.
//!
//! The JSON has the fields of `epymodelingsuite`'s `ExecutionTelemetry` under their names, and
//! the text has its layout, so that what reads the suite's summaries reads these. Times are UTC.
//! What is ours: `metadata` names the engine and the versions (the suite's and Python's are null
//! without them), a model has a `simulation` block where the suite stores a simulation's numbers
//! as a calibration's, and a stage that failed writes a summary too, with `status` `failed` and
//! the `error`.

mod clock;
mod format;
mod text;
mod workflow;

use epycloud_config::EngineName;
use serde::{Deserialize, Serialize};

pub(crate) use clock::{Clock, timestamp};
pub use workflow::merge;

/// A telemetry summary, of one stage or of a whole workflow.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// The process and its versions.
    pub metadata: Metadata,
    /// The experiment, as the builder knows it.
    pub configuration: Configuration,
    /// Stage A.
    pub builder: BuilderSection,
    /// Stage B.
    pub runner: RunnerSection,
    /// Stage C.
    pub output: OutputSection,
    /// What the process used.
    pub resources: Resources,
    /// How it ended.
    pub status: Status,
    /// What may be wrong.
    pub warnings: Vec<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// From the first stage's start to the last one's end, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_duration_seconds: Option<f64>,
}

/// The process and its versions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// The process's number.
    pub process_id: u32,
    /// Version of Python; null for the native engine.
    pub python_version: Option<String>,
    /// Version of the suite; null for the native engine.
    pub epymodelingsuite_version: Option<String>,
    /// Which engine did the modelling.
    pub engine: Option<EngineName>,
    /// Its version.
    pub engine_version: Option<String>,
    /// As at the end of the summary, where the suite has it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_duration_seconds: Option<f64>,
}

/// The experiment, as the builder knows it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Configuration {
    /// `simulation`, `sampling`, `calibration` or `calibration_projection`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_type: Option<String>,
    /// epydemix names of the populations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub populations: Option<Vec<String>>,
    /// How many they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_populations: Option<usize>,
    /// First simulated date, or the word that stands for it (`calibrated`, `sampled`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// Last simulated date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// Step in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta_t: Option<f64>,
    /// Seed of the experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_seed: Option<u64>,
}

/// When a stage ran, and its memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Times {
    /// Start, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// End, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// End minus start, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// The most memory the process has held so far, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_mb: Option<f64>,
}

/// Stage A.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BuilderSection {
    /// When, and its memory.
    #[serde(flatten)]
    pub times: Times,
    /// Tasks built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_models: Option<u32>,
}

/// Stage B.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunnerSection {
    /// The tasks that ran.
    pub models: Vec<ModelSummary>,
    /// The tasks that failed.
    pub errors: Vec<ModelError>,
    /// When, and its memory.
    #[serde(flatten)]
    pub times: Times,
}

/// Stage C.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputSection {
    /// When, and its memory.
    #[serde(flatten)]
    pub times: Times,
    /// The files written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<OutputFile>>,
    /// Their size together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_size_bytes: Option<u64>,
    /// Projections that a filter left out (calibrations).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filtered_projections: Option<u64>,
    /// The folder they are in, below the run's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// An output file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelSummary {
    /// The engine's number of it.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Its simulations, in a simulation or sampling workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulation: Option<SimulationBlock>,
    /// Its calibration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationBlock>,
    /// Its projection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projection: Option<ProjectionBlock>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The simulations of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulationBlock {
    /// How long they took, in seconds.
    pub duration_seconds: f64,
    /// How many they are.
    pub n_sims: Option<u32>,
}

/// The calibration of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBlock {
    /// How long it took, in seconds.
    pub duration_seconds: f64,
    /// Simulations of a task that isn't a calibration, which the suite stores here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_sims: Option<u32>,
    /// Particles that were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub particles_accepted: Option<u64>,
    /// `smc`, `rejection` or `top_fraction`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Particles asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_particles: Option<u64>,
    /// Generations asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_generations: Option<u64>,
    /// Name of the distance function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_function: Option<String>,
}

/// The projection of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectionBlock {
    /// How long it took, in seconds.
    pub duration_seconds: f64,
    /// Trajectories asked for.
    pub requested_trajectories: u64,
    /// Trajectories made.
    pub successful_trajectories: u64,
    /// Trajectories that failed.
    pub failed_trajectories: u64,
}

/// A task that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelError {
    /// The engine's number of it.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Why.
    pub error: String,
}

/// What the process used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// The most memory the process has held, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_mb: Option<f64>,
    /// CPU time in user mode, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_time_user_seconds: Option<f64>,
    /// CPU time in the kernel, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_time_system_seconds: Option<f64>,
}

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It hasn't.
    #[default]
    Running,
    /// Well.
    Completed,
    /// With partial results.
    Partial,
    /// With an error.
    Failed,
    /// The summary doesn't say.
    #[serde(other)]
    Unknown,
}

/// Why a stage failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The error and its causes, outermost first.
    pub chain: Vec<String>,
    /// The exit code of a process that fails so.
    pub exit_code: u8,
}
