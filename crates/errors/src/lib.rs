//! What every epycloud crate needs to fail well: exit codes that scripts can rely on, hints kept
//! apart from causes, error chains rendered once, secrets that cannot be printed, and the nearest
//! name to a mistyped one.
//!
//! ```
//! use epycloud_errors::{Diagnose, ExitCode, Report};
//!
//! #[derive(Debug, thiserror::Error)]
//! #[error("experiment `{0}` is not there")]
//! struct NoExperiment(String);
//!
//! impl Diagnose for NoExperiment {
//!     fn exit_code(&self) -> ExitCode {
//!         ExitCode::Usage
//!     }
//!     fn hint(&self) -> Option<String> {
//!         Some("list what there is with `ls experiments/`".into())
//!     }
//! }
//!
//! let report = Report::new(NoExperiment("flu".into()));
//! assert_eq!(report.exit_code().code(), 2);
//! assert_eq!(
//!     report.to_string(),
//!     "error: experiment `flu` is not there\n  hint: list what there is with `ls experiments/`"
//! );
//! ```

mod exit_code;
mod report;
mod secret;
mod suggestion;

pub use exit_code::ExitCode;
pub use report::{Diagnose, Report, chain};
pub use secret::{Secret, redact};
pub use suggestion::nearest;
