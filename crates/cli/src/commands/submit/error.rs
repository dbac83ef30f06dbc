//! Why an experiment can't be checked before it is submitted.

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_repository::RepositoryError;

/// Why an experiment can't be checked before it is submitted. What can't be checked isn't submitted
/// either, unless somebody says so: the stages would meet the same obstacle, on machines that cost.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckError {
    /// No forecast repository is configured.
    #[error("`github.forecast_repo` is not configured: there is no experiment to run")]
    NoRepository,
    /// The forecast repository can't be had.
    #[error("experiment `{experiment}` could not be checked before it is submitted")]
    Unchecked {
        /// The experiment.
        experiment: String,
        /// Why.
        source: RepositoryError,
    },
}

impl Diagnose for CheckError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoRepository => ExitCode::Usage,
            Self::Unchecked { source, .. } => source.exit_code(),
        }
    }

    fn hint(&self) -> Option<String> {
        let Self::Unchecked { source, .. } = self else {
            return Some("`epycloud config set github.forecast_repo OWNER/NAME` sets it".into());
        };
        let remedy = match source {
            RepositoryError::NoGit { .. } => "install git, or check PATH",
            RepositoryError::Denied { .. } => {
                "check `github.forecast_repo`, and that your token may read it (`epycloud config \
                 edit-secrets`, or GITHUB_PAT)"
            }
            RepositoryError::Temporary { .. } => "try again",
            // These two stage A would refuse as well.
            RepositoryError::NoSuchRef { .. } => {
                return Some(
                    "check `--forecast-repo-ref` or `github.forecast_repo_ref`; a commit has to be \
                     given by all its 40 digits"
                        .into(),
                );
            }
            RepositoryError::Incomplete { .. } => return source.hint(),
            _ => return Some("`--no-validate` submits it unchecked".into()),
        };
        Some(format!("{remedy}; `--no-validate` submits it unchecked"))
    }
}
