//! Why an image can't be built.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

/// Why an image can't be built.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// There is no client.
    #[error("no `docker` on PATH")]
    NoClient,
    /// No client on `PATH` can build with BuildKit.
    #[error("Docker has no BuildKit")]
    NoBuildKit,
    /// The daemon doesn't answer.
    #[error("Docker's daemon doesn't answer: {answer}")]
    NoDaemon {
        /// What the client said of it.
        answer: String,
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
    #[error("`{command}` failed ({status})")]
    Failed {
        /// What was asked of it.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A program's answer isn't what it should be.
    #[error("unexpected answer of `{command}`: `{answer}`")]
    Answer {
        /// What was asked of it.
        command: String,
        /// The answer.
        answer: String,
    },
    /// The file of a secret can't be written.
    #[error("the temporary file of a secret can't be written")]
    SecretFile {
        /// Why.
        source: std::io::Error,
    },
    /// The folder to build from has no Dockerfile.
    #[error("there is no Dockerfile `{}`", .file.display())]
    NoDockerfile {
        /// Where it was looked for.
        file: PathBuf,
    },
    /// The folder to build from is no checkout of a repository on GitHub.
    #[error("`{}` {why}", .folder.display())]
    NoCheckout {
        /// The folder.
        folder: PathBuf,
        /// What it lacks.
        why: &'static str,
    },
    /// The files to build from can't be listed.
    #[error("the files of `{}` can't be listed", .folder.display())]
    Walk {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: ignore::Error,
    },
    /// A file to build from can't be read.
    #[error("`{}` can't be read", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file to build from holds a secret.
    #[error("`{}` holds {secret}, and would be sent away with the rest", .file.display())]
    SecretInSources {
        /// The file, below the folder.
        file: PathBuf,
        /// What secret it is, in words.
        secret: &'static str,
    },
    /// The files to build from are more than an image is made of.
    #[error("the files of `{}` are {} MiB; more than 1 GiB isn't sent", .folder.display(), .bytes >> 20)]
    TooLarge {
        /// The folder.
        folder: PathBuf,
        /// How large they are, in bytes.
        bytes: u64,
    },
}

impl Diagnose for ImagesError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoDockerfile { .. }
            | Self::NoCheckout { .. }
            | Self::SecretInSources { .. }
            | Self::TooLarge { .. } => ExitCode::Usage,
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoClient => Some("install Docker Engine".into()),
            Self::NoBuildKit => Some("install its plugin buildx".into()),
            Self::NoDaemon { .. } => Some("is it running, and may you talk to it?".into()),
            Self::NoDockerfile { .. } => Some(
                "run this in a checkout of epycloud, or name one with `--project-dir`, a folder or \
                 `--file`"
                    .into(),
            ),
            Self::NoCheckout { .. } => Some(
                "`--from-commit` has Cloud Build take the files from a commit that is on GitHub; \
                 without it they are sent"
                    .into(),
            ),
            Self::SecretInSources { .. } | Self::TooLarge { .. } => {
                Some("list what isn't needed in `.gcloudignore` or `.gitignore`".into())
            }
            _ => None,
        }
    }
}
