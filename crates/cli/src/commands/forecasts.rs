//! The forecast repository on GitHub, fetched to be looked at.

use std::path::PathBuf;
use std::time::Duration;

use epycloud_config::CommitId;
use epycloud_errors::Report;
use epycloud_repository::{Origin, RepositoryError, Tokens, obtain};
use epycloud_storage::Patience;
use tempfile::TempDir;

use super::runtime::{Ended, block_on};
use crate::context::Context;
use crate::error::CliError;

/// How long a network that fails is tried again: somebody sits there and waits.
const DEADLINE: Duration = Duration::from_secs(10);

/// One commit of it, in a temporary folder that goes with this value.
pub(super) struct Forecasts {
    /// Which commit it is.
    pub(super) commit: CommitId,
    /// Where its files are.
    pub(super) root: PathBuf,
    _folder: TempDir,
}

impl Forecasts {
    /// Fetches the one commit that a ref names, the default branch's without one.
    pub(super) fn fetch(
        origin: &Origin,
        tokens: &Tokens,
        context: &Context,
    ) -> Result<Ended<Result<Self, RepositoryError>>, Report> {
        let folder = tempfile::Builder::new()
            .prefix("epycloud-")
            .tempdir()
            .map_err(|source| CliError::Temporary { source })?;
        let repository = folder.path().join("repository");
        let patience = Patience {
            deadline: DEADLINE,
            ..Patience::default()
        };
        let work = obtain(origin, tokens, context.caller(), &patience, &repository);
        Ok(match block_on(work)? {
            Ended::Itself(obtained) => Ended::Itself(obtained.map(|commit| Self {
                commit,
                // As the experiments' files will be shown: temporary folders may be links.
                root: std::fs::canonicalize(&repository).unwrap_or(repository),
                _folder: folder,
            })),
            Ended::Stopped(code) => Ended::Stopped(code),
        })
    }
}
