//! What can go wrong with the user's own files and programs: the configuration, the editor.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

/// What can go wrong with the user's own files and programs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserFileError {
    /// Nothing says where the user's configuration lies.
    #[error(
        "there is no folder for the configuration: neither HOME nor EPYCLOUD_CONFIG_DIR is set"
    )]
    NoHome,
    /// Two options name a file each where one is meant.
    #[error("`--config`, `--env` and `--profile` name a file each; one of them is meant")]
    SeveralFiles,
    /// A file of the configuration is to be edited and isn't there.
    #[error("`{}` is not there", .file.display())]
    NoConfigFile {
        /// The file.
        file: PathBuf,
    },
    /// The configuration can't be used.
    #[error("the configuration has {}:{}", count(.faults.len()), listed(.faults))]
    Configuration {
        /// What is wrong with it.
        faults: Vec<String>,
    },
    /// A key has no value.
    #[error("`{key}` is not set")]
    NotSet {
        /// The key.
        key: &'static str,
    },
    /// A secret stands on the command line, where others see it.
    #[error("`{key}` is a secret, which the command line shows to others")]
    SecretArgument {
        /// The key.
        key: &'static str,
    },
    /// No profile is active.
    #[error("no profile is active")]
    NoActiveProfile,
    /// A profile of that name is there already.
    #[error("there is a profile `{name}` already")]
    ProfileThere {
        /// Its name.
        name: String,
    },
    /// The active profile isn't deleted by chance.
    #[error("`{name}` is the active profile")]
    ActiveProfile {
        /// Its name.
        name: String,
    },
    /// There is no editor.
    #[error("there is no editor to open `{}` with", .file.display())]
    NoEditor {
        /// The file.
        file: PathBuf,
    },
    /// A program can't be started.
    #[error("`{program}` can't be started")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program failed.
    #[error("`{program}` ended with {status}")]
    Ended {
        /// The program.
        program: String,
        /// How.
        status: std::process::ExitStatus,
    },
    /// A file can't be read.
    #[error("`{}` can't be read", .file.display())]
    ReadFile {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file can't be written.
    #[error("`{}` can't be written", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Diagnose for UserFileError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NotSet { .. }
            | Self::NoActiveProfile
            | Self::Start { .. }
            | Self::Ended { .. }
            | Self::ReadFile { .. }
            | Self::Write { .. } => ExitCode::Failed,
            _ => ExitCode::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome => Some("set EPYCLOUD_CONFIG_DIR to a folder".into()),
            Self::SeveralFiles => None,
            Self::NoConfigFile { .. } => Some(
                "`epycloud config init` makes the usual files, `epycloud config set` any".into(),
            ),
            Self::NotSet { key } => Some(format!("`epycloud config set {key} VALUE` sets it")),
            Self::SecretArgument { key } => Some(format!(
                "`epycloud config edit-secrets`, or `epycloud config set {key} -` with the secret \
                 on standard input"
            )),
            Self::NoActiveProfile => Some("`epycloud profile use NAME` makes one so".into()),
            Self::ProfileThere { name } => Some(format!("`epycloud profile edit {name}` opens it")),
            Self::ActiveProfile { .. } => Some(
                "make another the active one (`epycloud profile use NAME`), or add `--force`"
                    .into(),
            ),
            Self::NoEditor { .. } => Some("set EDITOR, such as `EDITOR=nano`".into()),
            Self::Configuration { .. }
            | Self::Start { .. }
            | Self::Ended { .. }
            | Self::ReadFile { .. }
            | Self::Write { .. } => None,
        }
    }
}

/// Each on a line of its own.
fn listed(faults: &[String]) -> String {
    faults
        .iter()
        .map(|fault| format!("\n  - {fault}"))
        .collect()
}

fn count(faults: usize) -> String {
    match faults {
        1 => "a fault".to_owned(),
        n => format!("{n} faults"),
    }
}
