//! What can go wrong with a repository.

use std::io;
use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

/// What can go wrong with a repository. No text in it holds a token.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// There is no git.
    #[error("could not run `git`")]
    NoGit {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The repository isn't there, or isn't shown to who asks.
    #[error("`{repository}` can't be fetched: it isn't there, or access is denied ({said})")]
    Denied {
        /// The repository.
        repository: String,
        /// What git said.
        said: String,
    },
    /// It has no such branch, tag or commit.
    #[error("`{repository}` has no branch, tag or commit `{wanted}`")]
    NoSuchRef {
        /// The repository.
        repository: String,
        /// What was asked for.
        wanted: String,
    },
    /// The network or the server failed, again and again.
    #[error("could not fetch `{repository}` for the moment ({said})")]
    Temporary {
        /// The repository.
        repository: String,
        /// What git said last.
        said: String,
    },
    /// Git failed otherwise.
    #[error("could not fetch `{repository}`: git says: {said}")]
    Git {
        /// The repository.
        repository: String,
        /// What git said.
        said: String,
    },
    /// It has parts that a fetch of it alone doesn't bring.
    #[error("`{path}` is {what}, which is not fetched")]
    Incomplete {
        /// Where in the repository.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// The token couldn't be read from where it is kept.
    #[error("could not read the secret `{secret}` of project `{project}`: {reason}")]
    Secret {
        /// Its name.
        secret: String,
        /// Its project.
        project: String,
        /// What went wrong.
        reason: String,
        /// Whether trying again may help.
        temporary: bool,
    },
    /// The archive isn't one that is unpacked.
    #[error("the repository's archive is refused: `{entry}` {reason}")]
    Archive {
        /// What in it.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The folder for it holds something else.
    #[error("`{}` is not empty, and is not commit `{commit}`", .folder.display())]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// The commit that was to be put there.
        commit: String,
    },
    /// A file or folder can't be read or written.
    #[error("could not {doing} `{}`", .path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl RepositoryError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// Whether trying again may help.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Temporary { .. }
                | Self::Secret {
                    temporary: true,
                    ..
                }
        )
    }
}

impl Diagnose for RepositoryError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoSuchRef { .. } | Self::Denied { .. } | Self::Incomplete { .. } => {
                ExitCode::Usage
            }
            error if error.is_temporary() => ExitCode::Temporary,
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoGit { .. } => "install git, or check PATH",
            Self::Denied { .. } => {
                "check GITHUB_FORECAST_REPO, and that the token (GITHUB_PAT, or the secret that \
                 GITHUB_PAT_SECRET names in GCLOUD_PROJECT_ID) may read it"
            }
            Self::NoSuchRef { .. } => {
                "check FORECAST_REPO_REF; a commit has to be given by all its 40 digits"
            }
            Self::Temporary { .. } => "try again",
            Self::Incomplete { .. } => {
                "put the files themselves into the repository, or leave the path out of it"
            }
            Self::Secret { .. } => {
                "check GCLOUD_PROJECT_ID and GITHUB_PAT_SECRET, and that the service account may \
                 read the secret (roles/secretmanager.secretAccessor)"
            }
            Self::Archive { .. } => "run stage A again",
            Self::Occupied { .. } => "empty it, or set FORECAST_REPO_DIR to another folder",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
