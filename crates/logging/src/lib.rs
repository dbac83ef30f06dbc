//! The log of a stage: lines that Google Cloud Logging indexes, or lines for people.
//!
//! A binary calls [`init`] once; everything else logs through [`tracing`]. In cloud mode each
//! event is one line of JSON on standard output, with the stage, experiment, run and task it
//! belongs to; in local mode it is a line such as
//! `2026-11-23 14:30:52 runner INFO [Task 3] message key=value`. Times are UTC.
//!
//! What libraries say at debug and trace level is left out; `LOG_LEVEL=debug` asks for ours.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use epycloud_config::{ExecutionMode, LogLevel, Stage, TaskIndex};
//! use epycloud_logging::{LogOptions, StageContext, subscriber_at};
//!
//! # #[derive(Clone, Default)] struct Lines(Arc<Mutex<Vec<u8>>>);
//! # impl std::io::Write for Lines {
//! #     fn write(&mut self, data: &[u8]) -> std::io::Result<usize> { self.0.lock().unwrap().write(data) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! let options = LogOptions {
//!     mode: ExecutionMode::Local,
//!     level: LogLevel::Info,
//!     context: Some(StageContext {
//!         stage: Stage::Runner,
//!         exp_id: Some("flu".parse()?),
//!         run_id: None,
//!         task_index: Some(TaskIndex::new(3)),
//!     }),
//! };
//! let lines = Lines::default();
//! let writer = lines.clone();
//! let now = "2026-11-23T14:30:52Z".parse()?;
//! let subscriber = subscriber_at(options, move || writer.clone(), move || now);
//! tracing::subscriber::with_default(subscriber, || {
//!     tracing::info!(target: "epycloud", trajectories = 10, "Starting task");
//! });
//! assert_eq!(
//!     String::from_utf8(lines.0.lock().unwrap().clone())?,
//!     "2026-11-23 14:30:52 runner INFO [Task 3] Starting task trajectories=10\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod escape;
mod failure;
mod fields;
mod filter;
mod init;
mod json;
mod layer;
mod options;
mod severity;
mod text;

pub use failure::log_failure;
pub use init::{LoggingError, init, init_with, subscriber, subscriber_at};
pub use options::{LogOptions, StageContext};
