//! Why a task failed.

use std::path::PathBuf;

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A program couldn't be started.
    #[error("could not start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program ended with an error.
    #[error("`{command}` failed ({status})")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A file couldn't be read or written.
    #[error("`{}`: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The output of a program isn't what it should be.
    #[error("unexpected output of `{command}`: {reason}")]
    Output {
        /// The command line.
        command: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing of that name.
    #[error("there is no `{name}`; there are `{known}`")]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// An image can't be built.
    #[error("{}", epycloud_errors::chain(.0).join(": "))]
    Images(epycloud_images::ImagesError),
    /// The configuration can't be used.
    #[error("{}", epycloud_errors::chain(.0).join(": "))]
    Configuration(epycloud_config::user::UserConfigError),
    /// Checks found something.
    #[error("{0} problem(s) found")]
    Untidy(usize),
    /// Something that the task needs isn't there.
    #[error("{0}")]
    Missing(String),
    /// What was to hold doesn't.
    #[error("{0}")]
    Unmet(String),
}

impl From<epycloud_images::ImagesError> for Failure {
    fn from(error: epycloud_images::ImagesError) -> Self {
        Self::Images(error)
    }
}

impl From<epycloud_config::user::UserConfigError> for Failure {
    fn from(error: epycloud_config::user::UserConfigError) -> Self {
        Self::Configuration(error)
    }
}

impl Failure {
    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::Missing(what.into())
    }

    pub(crate) fn unmet(what: impl Into<String>) -> Self {
        Self::Unmet(what.into())
    }
}
