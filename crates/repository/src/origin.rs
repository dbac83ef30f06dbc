//! Where a repository comes from.

use epycloud_config::{GitRef, GithubRepository, GithubServer};

/// A repository and what is wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its server.
    pub server: GithubServer,
    /// Its name there.
    pub repository: GithubRepository,
    /// A branch, tag or commit; the default branch's tip if none.
    pub reference: Option<GitRef>,
}

impl Origin {
    /// The address, which holds no token.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}.git", self.server, self.repository)
    }

    /// What git is asked for.
    pub(crate) fn wanted(&self) -> &str {
        self.reference.as_ref().map_or("HEAD", GitRef::as_str)
    }
}
