//! The checkout that an image is built from.

use std::path::Path;
use std::process::{Command, Stdio};

use epycloud_config::GithubRepository;

use crate::error::ImagesError;

/// The commit that is checked out, with `-dirty` where files differ from it; `None` where git knows
/// of none.
#[must_use]
pub fn revision(folder: &Path) -> Option<String> {
    git(
        folder,
        &[
            "describe",
            "--always",
            "--abbrev=40",
            "--exclude=*",
            "--dirty",
        ],
    )
}

/// A commit of a repository on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The repository that `origin` names.
    pub repository: GithubRepository,
    /// The commit's hash.
    pub commit: String,
    /// Whether files differ from it.
    pub is_dirty: bool,
}

impl Checkout {
    /// The commit that is checked out in a folder.
    ///
    /// # Errors
    /// It is no checkout, or not one of a repository on GitHub.
    pub fn of(folder: &Path) -> Result<Self, ImagesError> {
        let refused = |why| ImagesError::NoCheckout {
            folder: folder.to_owned(),
            why,
        };
        let described = revision(folder).ok_or_else(|| refused("is no git checkout"))?;
        let origin = git(folder, &["remote", "get-url", "origin"])
            .ok_or_else(|| refused("has no remote `origin`"))?;
        let repository = on_github(&origin)
            .ok_or_else(|| refused("has a remote `origin` that isn't on GitHub"))?;
        let commit = described.trim_end_matches("-dirty");
        Ok(Self {
            repository,
            commit: commit.to_owned(),
            is_dirty: described != commit,
        })
    }

    /// The repository's public address, which never holds a token.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://github.com/{}.git", self.repository)
    }
}

/// The repository that a remote's address names, in any of the forms that git takes.
fn on_github(address: &str) -> Option<GithubRepository> {
    let (_, rest) = address.split_once("github.com")?;
    let name = rest.trim_start_matches([':', '/']).trim_end_matches('/');
    name.strip_suffix(".git").unwrap_or(name).parse().ok()
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_a_repository_and_never_a_token() {
        for address in [
            "https://github.com/lab/flu.git",
            "https://oauth2:hunter2@github.com/lab/flu",
            "git@github.com:lab/flu.git",
            "ssh://git@github.com/lab/flu.git/",
        ] {
            assert_eq!(on_github(address).unwrap().as_str(), "lab/flu", "{address}");
        }
        for address in ["https://example.org/lab/flu", "/srv/git/flu", ""] {
            assert_eq!(on_github(address), None, "{address}");
        }
    }
}
