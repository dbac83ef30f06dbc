//! One commit, from a server of git's own.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]
#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use epycloud_config::{CommitId, Environment};
use epycloud_errors::{Diagnose, ExitCode, Secret};
use epycloud_repository::{Origin, RepositoryError, Tokens, commit_of, fetch, pack, place, unpack};
use epycloud_storage::Patience;
use epycloud_test_support::cloud::{GitServer, Machine};

const REPOSITORY: &str = "lab/forecasts";
const TOKEN: &str = "ghp_NotAToken0123456789NotAToken01234567";

const PATIENCE: Patience = Patience {
    deadline: Duration::from_secs(60),
    first: Duration::from_millis(10),
    longest: Duration::from_millis(100),
};

struct Lab {
    folder: tempfile::TempDir,
    server: GitServer,
    first: String,
    second: String,
}

/// A repository of two commits.
fn lab(token: Option<&str>) -> Lab {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    fs::create_dir_all(files.join("experiments/a/config")).unwrap();
    fs::write(files.join("experiments/a/config/model.yaml"), "one").unwrap();
    fs::create_dir(folder.path().join("git")).unwrap();
    let server = GitServer::start(&folder.path().join("git"), token).unwrap();
    let first = server.commit(REPOSITORY, &files).unwrap();
    fs::write(files.join("experiments/a/config/model.yaml"), "two").unwrap();
    let second = server.commit(REPOSITORY, &files).unwrap();
    server.git(REPOSITORY, &["tag", "v1", &first]).unwrap();
    server
        .git(REPOSITORY, &["tag", "-a", "-m", "x", "v2", &second])
        .unwrap();
    server
        .git(REPOSITORY, &["branch", "old/one", &first])
        .unwrap();
    Lab {
        folder,
        server,
        first,
        second,
    }
}

fn environment() -> Environment {
    Environment::from_pairs([("PATH", std::env::var("PATH").unwrap())])
}

impl Lab {
    fn origin(&self, reference: Option<&str>) -> Origin {
        Origin {
            server: self.server.server().url().parse().unwrap(),
            repository: REPOSITORY.parse().unwrap(),
            reference: reference.map(|text| text.parse().unwrap()),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn fetch(
        &self,
        reference: Option<&str>,
        tokens: &Tokens,
        name: &str,
    ) -> Result<CommitId, RepositoryError> {
        let into = self.at(name);
        fetch(
            &self.origin(reference),
            tokens,
            &environment(),
            &PATIENCE,
            &into,
        )
        .await
    }
}

fn content(folder: &Path) -> String {
    fs::read_to_string(folder.join("experiments/a/config/model.yaml")).unwrap()
}

#[tokio::test]
async fn a_branch_a_tag_a_commit_and_the_default_are_fetched() {
    let lab = lab(None);
    let (first, second) = (lab.first.clone(), lab.second.clone());
    let table = [
        (None, &second, "two"),
        (Some("main"), &second, "two"),
        (Some("old/one"), &first, "one"),
        (Some("v1"), &first, "one"),
        (Some("v2"), &second, "two"),
        (Some(first.as_str()), &first, "one"),
    ];
    for (index, (reference, expected, text)) in table.into_iter().enumerate() {
        let name = format!("to-{index}");
        let commit = lab.fetch(reference, &Tokens::none(), &name).await.unwrap();
        assert_eq!(commit.as_str(), expected, "{reference:?}");
        assert_eq!(content(&lab.at(&name)), text);
        assert_eq!(commit_of(&lab.at(&name)), Some(commit));
    }
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let lab = lab(None);
    let error = lab
        .fetch(Some("none"), &Tokens::none(), "to")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`lab/forecasts` has no branch, tag or commit `none`"
    );
    let nothing = "0123456789012345678901234567890123456789";
    let error = lab
        .fetch(Some(nothing), &Tokens::none(), "to")
        .await
        .unwrap_err();
    assert!(
        matches!(error, RepositoryError::NoSuchRef { .. }),
        "{error:?}"
    );
    let mut origin = lab.origin(None);
    origin.repository = "lab/none".parse().unwrap();
    let error = fetch(
        &origin,
        &Tokens::none(),
        &environment(),
        &PATIENCE,
        &lab.at("to"),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, RepositoryError::Denied { .. }), "{error:?}");
    assert_eq!(error.exit_code(), ExitCode::Usage);
}

#[tokio::test]
async fn a_token_opens_what_is_closed_and_is_seen_nowhere_else() {
    let lab = lab(Some(TOKEN));
    let error = lab.fetch(None, &Tokens::none(), "to").await.unwrap_err();
    assert!(matches!(error, RepositoryError::Denied { .. }), "{error:?}");
    let wrong = Tokens::known(Secret::new("ghp_wrong".to_owned()));
    let error = lab.fetch(None, &wrong, "to").await.unwrap_err();
    assert!(!format!("{error:?}").contains("ghp_wrong"), "{error:?}");

    let machine = Machine::start("ya29.x", "lab-project", "github-pat", TOKEN).unwrap();
    let places = environment()
        .with("GCE_METADATA_HOST", machine.server().host())
        .with("EPYCLOUD_GOOGLE_ENDPOINT", machine.server().url());
    let kept = |secret: &str| {
        Tokens::kept_in(
            "lab-project".parse().unwrap(),
            secret.parse().unwrap(),
            &places,
        )
    };
    let commit = lab.fetch(None, &kept("github-pat"), "to").await.unwrap();
    assert_eq!(commit.as_str(), lab.second);
    let archive = pack(&lab.at("to")).unwrap();
    assert!(!String::from_utf8_lossy(&archive).contains(TOKEN));
    assert!(!lab.at("to/.git/config").exists());
    for request in lab.server.recorded() {
        assert!(!request.line.contains(TOKEN));
    }

    let error = lab.fetch(None, &kept("other"), "again").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not read the secret `other` of project `lab-project`: Secret Manager answers 404 \
         Not Found"
    );
}

#[tokio::test]
async fn a_public_repository_needs_no_token_and_gets_none() {
    let lab = lab(None);
    let nowhere = environment()
        .with("GCE_METADATA_HOST", "127.0.0.1:1")
        .with("EPYCLOUD_GOOGLE_ENDPOINT", "http://127.0.0.1:1");
    let kept = Tokens::kept_in(
        "lab-project".parse().unwrap(),
        "github-pat".parse().unwrap(),
        &nowhere,
    );
    lab.fetch(None, &kept, "to").await.unwrap();
    let bears = |request: &epycloud_test_support::http::Recorded| {
        request
            .headers
            .iter()
            .any(|line| line.starts_with("authorization"))
    };
    assert!(!lab.server.recorded().iter().any(bears));
}

#[tokio::test]
async fn a_network_that_fails_now_and_then_is_tried_again() {
    let lab = lab(None);
    for seed in 0..8 {
        lab.server.server().mischief().randomly(seed, 0.25);
        let name = format!("to-{seed}");
        let commit = lab
            .fetch(Some("main"), &Tokens::none(), &name)
            .await
            .unwrap();
        assert_eq!(commit.as_str(), lab.second);
        assert_eq!(content(&lab.at(&name)), "two");
    }
    assert!(!lab.server.server().mischief().made().is_empty());
}

#[tokio::test]
async fn submodules_and_large_file_pointers_are_named() {
    let lab = lab(None);
    let files = lab.at("files");
    fs::write(
        files.join("data.csv"),
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
    )
    .unwrap();
    lab.server.commit(REPOSITORY, &files).unwrap();
    let error = lab.fetch(None, &Tokens::none(), "lfs").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`data.csv` is a pointer to a file of Git LFS, which is not fetched"
    );
    fs::remove_file(files.join("data.csv")).unwrap();
    fs::write(files.join(".gitmodules"), "[submodule \"x\"]\n").unwrap();
    lab.server.commit(REPOSITORY, &files).unwrap();
    let error = lab
        .fetch(None, &Tokens::none(), "modules")
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("a list of submodules"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_packed_is_the_same_bytes_and_unpacks_to_the_same_files() {
    let lab = lab(None);
    let files = lab.at("files");
    fs::write(files.join("run.sh"), "#!/bin/sh\n").unwrap();
    set_runnable(&files.join("run.sh"));
    std::os::unix::fs::symlink("experiments/a", files.join("link")).unwrap();
    lab.server.commit(REPOSITORY, &files).unwrap();
    let commit = lab.fetch(None, &Tokens::none(), "one").await.unwrap();
    lab.fetch(None, &Tokens::none(), "two").await.unwrap();
    let archive = pack(&lab.at("one")).unwrap();
    assert_eq!(archive, pack(&lab.at("two")).unwrap());

    unpack(&archive, &lab.at("unpacked")).unwrap();
    assert_eq!(pack(&lab.at("unpacked")).unwrap(), archive);
    for _ in 0..2 {
        place(&archive, &commit, &lab.at("placed")).unwrap();
        assert_eq!(content(&lab.at("placed")), "two");
        assert!(lab.at("placed/link/config/model.yaml").exists());
    }
    let other: CommitId = lab.first.parse().unwrap();
    place(&archive, &other, &lab.at("placed")).unwrap();
    assert_eq!(commit_of(&lab.at("placed")), Some(other.clone()));
    let error = place(&archive, &other, &files).unwrap_err();
    assert!(
        matches!(error, RepositoryError::Occupied { .. }),
        "{error:?}"
    );
    assert!(files.join("run.sh").exists());
}

fn set_runnable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
