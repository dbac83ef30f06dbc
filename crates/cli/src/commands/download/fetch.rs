//! One file, whole or not at all.

use epycloud_errors::{Diagnose, Report};
use epycloud_stages::Sha256;
use epycloud_storage::{LoadOptions, SaveOptions, Storage, StorageError};

use super::plan::Planned;

/// What became of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It wasn't there, and is now.
    Downloaded,
    /// Another one was there under its name.
    Replaced,
    /// It was there already.
    Kept,
    /// It isn't there; one that was there under its name still is.
    Failed(Report),
}

impl Outcome {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Downloaded => "downloaded",
            Self::Replaced => "replaced",
            Self::Kept => "kept",
            Self::Failed(_) => "failed",
        }
    }

    pub(super) fn error(&self) -> Option<String> {
        match self {
            Self::Failed(report) => Some(report.chain().join(": ")),
            _ => None,
        }
    }
}

/// A file that isn't what its run's index says.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` has the hash `{found}`, and its index names `{expected}`")]
struct OtherHash {
    path: String,
    found: Sha256,
    expected: Sha256,
}

impl Diagnose for OtherHash {
    fn hint(&self) -> Option<String> {
        Some("run stage C again: the file was changed after it was written".to_owned())
    }
}

/// Downloads a file. A file of that name that is there is never trusted for its name: only the
/// same bytes are kept.
pub(super) async fn fetch(file: &Planned, from: &Storage, to: &Storage) -> Outcome {
    match attempt(file, from, to).await {
        Ok(outcome) => outcome,
        Err(report) => Outcome::Failed(report),
    }
}

async fn attempt(file: &Planned, from: &Storage, to: &Storage) -> Result<Outcome, Report> {
    let there = match to.load_bytes(&file.to, &LoadOptions::as_is()).await {
        Ok(bytes) => Some(Sha256::of(&bytes)),
        Err(StorageError::Missing { .. }) => None,
        // Whatever it is, it isn't the file.
        Err(StorageError::Corrupt { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    if there.is_some() && there == file.sha256 {
        return Ok(Outcome::Kept);
    }
    let bytes = from.load_bytes(&file.from, &LoadOptions::as_is()).await?;
    let found = Sha256::of(&bytes);
    if let Some(expected) = file.sha256
        && expected != found
    {
        return Err(OtherHash {
            path: from.url_of(&file.from),
            found,
            expected,
        }
        .into());
    }
    if there == Some(found) {
        return Ok(Outcome::Kept);
    }
    to.save_bytes(&file.to, bytes, &SaveOptions::as_is())
        .await?;
    Ok(match there {
        Some(_) => Outcome::Replaced,
        None => Outcome::Downloaded,
    })
}
