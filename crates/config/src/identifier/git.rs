//! Names of things in git and on GitHub.

use super::{Refusal, identifier};

identifier! {
    /// A commit's full hash: 40 lowercase hexadecimal digits, or 64 in a SHA-256 repository.
    CommitId("a commit ID", check_commit)
}

fn check_commit(text: &str) -> Result<&str, Refusal> {
    let hexadecimal = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hexadecimal && matches!(text.len(), 40 | 64) {
        return Ok(text);
    }
    Err(Refusal::new(
        "the full hash of a commit: 40 (or 64) of 0-9 a-f",
    ))
}

identifier! {
    /// A branch, tag or commit, as `git check-ref-format` allows it, in visible ASCII (255 at
    /// most); never an option (`-x`) nor a range or expression (`a..b`, `HEAD~1`).
    ///
    /// ```
    /// use epycloud_config::GitRef;
    ///
    /// assert!("release/2025-11".parse::<GitRef>().is_ok());
    /// assert!("--upload-pack=x".parse::<GitRef>().is_err());
    /// ```
    GitRef("a branch, tag or commit", check_ref)
}

/// Source: the list in `git help check-ref-format`.
fn check_ref(text: &str) -> Result<&str, Refusal> {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let allowed = (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"~^:?*[\\".contains(&byte))
        && !text.starts_with('-')
        && !text.ends_with('.')
        && !text.contains("..")
        && !text.contains("@{")
        && text != "@"
        && text.split('/').all(part);
    if allowed {
        Ok(text)
    } else {
        Err(Refusal::new(
            "the name of a branch or tag, or a commit's hash",
        ))
    }
}

identifier! {
    /// A repository on GitHub, `owner/name`.
    ///
    /// ```
    /// use epycloud_config::GithubRepository;
    ///
    /// let repository: GithubRepository = "mobs-lab/flu-forecasts".parse()?;
    /// assert_eq!((repository.owner(), repository.name()), ("mobs-lab", "flu-forecasts"));
    /// # Ok::<(), epycloud_config::IdentifierError>(())
    /// ```
    GithubRepository("a GitHub repository", check_repository)
}

fn check_repository(text: &str) -> Result<&str, Refusal> {
    let expected = "`owner/name`, such as `mobs-lab/flu-forecasts`";
    if text.contains("://") || text.starts_with("git@") || text.ends_with(".git") {
        return Err(Refusal::with_hint(
            expected,
            "leave out the address around it and `.git`; a token never belongs in it",
        ));
    }
    let Some((owner, name)) = text.split_once('/') else {
        return Err(Refusal::new(expected));
    };
    let owner_fits = (1..=39).contains(&owner.len())
        && !owner.starts_with('-')
        && !owner.ends_with('-')
        && owner
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if owner_fits && name.len() <= 100 && super::is_segment(name) {
        Ok(text)
    } else {
        Err(Refusal::new(expected))
    }
}

impl GithubRepository {
    /// The user or organisation.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The repository's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refs_are_names_and_never_options_or_expressions() {
        for text in [
            "main",
            "202547",
            "v1.0.0",
            "feature/x_y",
            "a@b",
            &"0".repeat(40),
        ] {
            assert!(text.parse::<GitRef>().is_ok(), "{text}");
        }
        for text in [
            "", "-b", "a..b", "HEAD~1", "a b", "a:b", "a/", "/a", "a//b", ".a", "a/.b", "a.lock",
            "a.", "@", "a@{1}", "a\\b", "ä", "a\n",
        ] {
            assert!(text.parse::<GitRef>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn repositories_are_owner_and_name_without_an_address() {
        for text in ["a/b", "mobs-lab/epymodelingsuite", "A1/x.y_z"] {
            assert!(text.parse::<GithubRepository>().is_ok(), "{text}");
        }
        for text in [
            "", "a", "a/", "/b", "a/b/c", "-a/b", "a/..", "a_b/c", "a/b c", "a/b.git",
        ] {
            assert!(text.parse::<GithubRepository>().is_err(), "{text:?}");
        }
        let url = "https://oauth2:hunter2@github.com/a/b";
        let error = url.parse::<GithubRepository>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn commits_are_full_hashes() {
        assert!(
            "0123456789abcdef0123456789abcdef01234567"
                .parse::<CommitId>()
                .is_ok()
        );
        for text in ["", "abc1234", "0123456789ABCDEF0123456789ABCDEF01234567"] {
            assert!(text.parse::<CommitId>().is_err(), "{text:?}");
        }
    }
}
