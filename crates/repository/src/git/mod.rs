//! Fetching one commit with the git executable.

mod child;
mod complete;
mod said;

use std::path::Path;

use epycloud_config::{CommitId, Environment};
use epycloud_errors::Secret;
use epycloud_storage::Patience;
use tracing::info;

use crate::error::RepositoryError;
use crate::origin::Origin;
use crate::token::Tokens;
use crate::{Result, folder};
use child::Git;
use said::Meaning;

/// Fetches the files of what is wanted of a repository into an empty or absent folder, and says
/// which commit that is. Only that commit is fetched; of git's own files nothing stays but the
/// commit's hash.
///
/// Nobody's token is used unless the server asks for one. Failures of the network are tried again.
/// `environment` says where git is and how the network is reached (`PATH`, proxies, certificates);
/// the user's and the system's configuration of git are left out of it.
///
/// # Errors
///
/// When it can't be fetched, or has submodules or files kept by Git LFS.
pub async fn fetch(
    origin: &Origin,
    tokens: &Tokens,
    environment: &Environment,
    patience: &Patience,
    into: &Path,
) -> Result<CommitId> {
    folder::make(into)?;
    let git = Git::new(environment, into);
    let run = async |arguments: &[&str], token: Option<&Secret>| {
        let ran = git.run(arguments, &origin.server, token).await?;
        ran.map_err(|said| said.meaning(origin))
    };
    run(&["init", "--quiet", "--template="], None).await?;
    let mut token = tokens.given().cloned();
    let url = origin.url();
    let fetch = [
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--no-recurse-submodules",
        &url,
        origin.wanted(),
    ];
    let fetched = |token: Option<Secret>| {
        let run = &run;
        patience.insist(
            move || {
                let token = token.clone();
                async move { run(&fetch, token.as_ref()).await }
            },
            RepositoryError::is_temporary,
        )
    };
    let mut ended = fetched(token.clone()).await;
    if token.is_none() && matches!(ended, Err(RepositoryError::Denied { .. })) {
        token = tokens.kept(patience).await?;
        if token.is_some() {
            ended = fetched(token).await;
        }
    }
    ended?;
    let commit = run(&["rev-parse", "--verify", "FETCH_HEAD^{commit}"], None).await?;
    let commit: CommitId = commit.trim().parse().map_err(|_| RepositoryError::Git {
        repository: origin.repository.to_string(),
        said: format!("`{}` is no commit", commit.trim()),
    })?;
    let checkout = [
        "checkout",
        "--quiet",
        "--force",
        "--detach",
        commit.as_str(),
    ];
    run(&checkout, None).await?;
    complete::check(into)?;
    folder::forget_git(into, &commit)?;
    info!("fetched {} at commit {commit}", origin.repository);
    Ok(commit)
}

/// As [`fetch`], into a folder that appears whole, or is replaced whole if it is an earlier
/// commit's. A folder with anything else in it is left alone.
///
/// # Errors
///
/// As [`fetch`], and when the folder holds something else.
pub async fn obtain(
    origin: &Origin,
    tokens: &Tokens,
    environment: &Environment,
    patience: &Patience,
    folder: &Path,
) -> Result<CommitId> {
    let unfinished = folder::beside(folder)?;
    let commit = fetch(origin, tokens, environment, patience, unfinished.path()).await?;
    folder::adopt(unfinished, &commit, folder)?;
    Ok(commit)
}

impl said::Said {
    fn meaning(self, origin: &Origin) -> RepositoryError {
        let repository = origin.repository.to_string();
        let (meaning, said) = (self.classify(), self.text);
        match meaning {
            Meaning::Denied => RepositoryError::Denied { repository, said },
            Meaning::NoSuchRef => RepositoryError::NoSuchRef {
                repository,
                wanted: origin.wanted().to_owned(),
            },
            Meaning::Temporary => RepositoryError::Temporary { repository, said },
            Meaning::Other => RepositoryError::Git { repository, said },
        }
    }
}
