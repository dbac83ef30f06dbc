//! The commit that a repository's files are at, read from `.git` without a git binary.

use std::fs;
use std::path::{Path, PathBuf};

/// How many symbolic references are followed; git allows five.
const MAX_REFERENCES: usize = 5;

/// The commit of `HEAD` of the repository whose root is `repository`, or `None` when it isn't a
/// git repository, has no commit yet, or stores its references in a way that isn't read here
/// (reftable).
///
/// Whether files differ from that commit isn't known: that takes git's index.
#[must_use]
pub fn head_commit(repository: &Path) -> Option<String> {
    let git = git_folder(repository)?;
    let common = common_folder(&git);
    let mut reference = read(&git.join("HEAD"))?;
    for _ in 0..MAX_REFERENCES {
        match reference.strip_prefix("ref:") {
            None => return is_commit(&reference).then_some(reference),
            Some(name) => reference = resolve(&git, &common, name.trim())?,
        }
    }
    None
}

/// `.git` itself, or the folder that a `.git` file names (worktrees and submodules).
fn git_folder(repository: &Path) -> Option<PathBuf> {
    let dot_git = repository.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    let target = read(&dot_git)?;
    Some(repository.join(target.strip_prefix("gitdir:")?.trim()))
}

/// The folder that holds the references of all worktrees.
fn common_folder(git: &Path) -> PathBuf {
    read(&git.join("commondir")).map_or_else(|| git.to_owned(), |common| git.join(common))
}

/// What a reference holds: in a file of its own, or in `packed-refs`.
fn resolve(git: &Path, common: &Path, name: &str) -> Option<String> {
    if !name.starts_with("refs/") || name.split('/').any(|segment| segment == "..") {
        return None;
    }
    read(&git.join(name))
        .or_else(|| read(&common.join(name)))
        .or_else(|| packed(&read(&common.join("packed-refs"))?, name))
}

fn packed(references: &str, name: &str) -> Option<String> {
    references.lines().find_map(|line| {
        let (commit, reference) = line.split_once(' ')?;
        (reference == name).then(|| commit.to_owned())
    })
}

fn read(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned())
}

/// A SHA-1 or SHA-256 in hexadecimal digits.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "plain files of a test")]
mod tests {
    use super::*;

    const COMMIT: &str = "f9d9f8f0c1d2e3f405162738495a6b7c8d9e0f10";

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_branch_is_read_from_its_file_or_the_packed_references() {
        let line = format!("{COMMIT}\n");
        let loose = repository(&[
            (".git/HEAD", "ref: refs/heads/main\n"),
            (".git/refs/heads/main", &line),
        ]);
        assert_eq!(head_commit(loose.path()).as_deref(), Some(COMMIT));

        let packed = format!("# pack-refs with: peeled\n{COMMIT} refs/heads/main\n");
        let packed = repository(&[
            (".git/HEAD", "ref: refs/heads/main"),
            (".git/packed-refs", &packed),
        ]);
        assert_eq!(head_commit(packed.path()).as_deref(), Some(COMMIT));
    }

    #[test]
    fn a_detached_head_and_a_worktree_are_read() {
        let detached = repository(&[(".git/HEAD", COMMIT)]);
        assert_eq!(head_commit(detached.path()).as_deref(), Some(COMMIT));

        let worktree = repository(&[
            (".git", "gitdir: main/.git/worktrees/w\n"),
            ("main/.git/worktrees/w/HEAD", "ref: refs/heads/side\n"),
            ("main/.git/worktrees/w/commondir", "../..\n"),
            ("main/.git/refs/heads/side", COMMIT),
        ]);
        assert_eq!(head_commit(worktree.path()).as_deref(), Some(COMMIT));
    }

    #[test]
    fn without_git_or_with_odd_references_there_is_no_commit() {
        for files in [
            &[][..],
            &[(".git/HEAD", "ref: refs/heads/none")],
            &[(".git/HEAD", "ref: ../../etc/passwd")],
            &[
                (".git/HEAD", "ref: refs/heads/a"),
                (".git/refs/heads/a", "ref: refs/heads/a"),
            ],
            &[(".git/HEAD", "not a commit")],
        ] {
            assert_eq!(head_commit(repository(files).path()), None, "{files:?}");
        }
    }
}
