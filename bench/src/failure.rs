//! Why a measurement couldn't be made.

use std::path::PathBuf;

/// Why a measurement couldn't be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A program couldn't be run.
    #[error("could not run `{program}`: {source}")]
    Run {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program failed.
    #[error("`{program}` failed: {output}")]
    Program {
        /// The program.
        program: String,
        /// What it said.
        output: String,
    },
    /// A file couldn't be read or written.
    #[error("`{}`: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A program's answer isn't what it should be.
    #[error("unexpected answer of `{program}`: {reason}")]
    Answer {
        /// The program.
        program: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The storage, or what it is compared with, failed.
    #[error("the storage's benchmark failed: {0}")]
    Storage(String),
}
