//! Why there are no containers.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

/// Why there are no containers.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// There is no client.
    #[error("`docker` can't be started")]
    NoClient {
        /// Why.
        source: std::io::Error,
    },
    /// The client reaches no daemon.
    #[error("Docker's daemon doesn't answer: {reason}")]
    NoDaemon {
        /// What the client said.
        reason: String,
    },
    /// The image isn't on this machine.
    #[error("there is no image `{image}` on this machine")]
    NoImage {
        /// The image.
        image: String,
    },
    /// There is no Apptainer.
    #[error("`apptainer` can't be started")]
    NoApptainer {
        /// Why.
        source: std::io::Error,
    },
    /// There is no such image's file.
    #[error("image `{}` can't be read", .image.display())]
    NoImageFile {
        /// The file.
        image: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The run's folder can't be made.
    #[error("folder `{}` can't be made", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A command of the client fails.
    #[error("`docker {command}` failed: {reason}")]
    Command {
        /// Which.
        command: &'static str,
        /// What it said.
        reason: String,
    },
}

impl Diagnose for ContainerError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoClient { .. }
            | Self::NoImage { .. }
            | Self::NoApptainer { .. }
            | Self::NoImageFile { .. } => ExitCode::Usage,
            Self::NoDaemon { .. } | Self::Folder { .. } | Self::Command { .. } => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoClient { .. } => {
                Some("`--executor docker` needs Docker; `--executor local` needs nothing".into())
            }
            Self::NoDaemon { .. } => Some(
                "start it, or name another by DOCKER_HOST or DOCKER_CONTEXT; `docker info` says \
                 whether it answers you"
                    .into(),
            ),
            Self::NoImage { image } => Some(format!(
                "`cargo xtask docker-build --tag {image}` builds it in epycloud's checkout, `docker \
                 pull {image}` fetches it from its registry, `--image` names another"
            )),
            Self::NoApptainer { .. } => Some(
                "stages A and C run in the image here, stage B on the nodes: both need Apptainer \
                 (perhaps `module load apptainer`)"
                    .into(),
            ),
            Self::NoImageFile { .. } => Some(
                "`apptainer build IMAGE.sif docker-daemon:epymodelingsuite:local` makes one of a \
                 Docker image"
                    .into(),
            ),
            Self::Folder { .. } | Self::Command { .. } => None,
        }
    }
}
