//! Where Cloud Build takes the files from.

use std::path::{Path, PathBuf};

use epycloud_config::{BucketName, RunId};
use epycloud_errors::Report;
use epycloud_google::cloud_build::Source;
use epycloud_images::{Checkout, ImagesError, Sources};
use epycloud_storage::{SaveOptions, Storage, StoragePath};

use crate::arguments::BuildCloud;
use crate::cloud::Cloud;
use crate::context::Context;
use crate::printer::Printer;
use crate::summary::size;
use crate::tool_error::ToolError;

/// The Dockerfile, where none is named.
const DOCKERFILE: &str = "docker/Dockerfile";

/// Where the files come from.
pub(super) enum Files {
    /// The commit that is checked out, which Cloud Build fetches from GitHub.
    Commit(Checkout),
    /// The folder as it is, sent to a bucket.
    Folder(Upload),
}

/// Files that go to a bucket.
pub(super) struct Upload {
    folder: PathBuf,
    sources: Sources,
    storage: Storage,
    bucket: BucketName,
    object: StoragePath,
}

impl Files {
    /// The ones that the command line means.
    pub(super) fn of(
        how: &BuildCloud,
        folder: &Path,
        cloud: &Cloud,
        context: &Context,
    ) -> Result<Self, Report> {
        if how.from_commit {
            return Ok(Self::Commit(Checkout::of(folder)?));
        }
        let bucket = match &how.source_bucket {
            Some(bucket) => bucket.clone(),
            // Where gcloud puts them, and Cloud Build may read.
            None => format!("{}_cloudbuild", cloud.place.project)
                .parse()
                .map_err(|source| ToolError::SourceBucket { source })?,
        };
        let token = context.github_token(&cloud.configuration);
        Ok(Self::Folder(Upload {
            folder: folder.to_owned(),
            sources: Sources::of(folder, token.as_slice())?,
            storage: cloud.bucket(&bucket, context.caller())?,
            bucket,
            object: format!("source/{}.tgz", RunId::generate())
                .parse()
                .expect("a run's ID is a file's name"),
        }))
    }

    /// The Dockerfile, from the files' root.
    pub(super) fn dockerfile(&self, asked: Option<&Path>) -> Result<String, ImagesError> {
        let asked = asked.unwrap_or(Path::new(DOCKERFILE));
        let Self::Folder(upload) = self else {
            return Ok(asked.display().to_string());
        };
        let file = upload.below(asked).unwrap_or_else(|| asked.to_owned());
        if upload.sources.has(&file) {
            Ok(file.display().to_string())
        } else {
            Err(ImagesError::NoDockerfile {
                file: upload.folder.join(file),
            })
        }
    }

    /// What of the plan is about them.
    pub(super) fn row(&self) -> (&'static str, String) {
        match self {
            Self::Commit(checkout) => (
                "commit",
                format!("{} @ {}", checkout.repository, checkout.commit),
            ),
            Self::Folder(upload) => (
                "from",
                format!(
                    "{}: {} files, {}, by way of gs://{}/{}",
                    upload.folder.display(),
                    upload.sources.count(),
                    size(upload.sources.bytes()),
                    upload.bucket,
                    upload.object
                ),
            ),
        }
    }

    /// Tells what may not be expected.
    pub(super) fn warn(&self, printer: &Printer) {
        if matches!(self, Self::Commit(checkout) if checkout.is_dirty) {
            printer.warning("files differ from the commit; what is built is the commit");
        }
    }

    /// Where Cloud Build finds them.
    pub(super) fn source(&self) -> Source {
        match self {
            Self::Commit(checkout) => Source::Git {
                url: checkout.url(),
                revision: checkout.commit.clone(),
            },
            Self::Folder(upload) => Source::Archive {
                bucket: upload.bucket.to_string(),
                object: upload.object.to_string(),
            },
        }
    }

    /// Sends them there.
    pub(super) async fn send(&self) -> Result<(), Report> {
        let Self::Folder(upload) = self else {
            return Ok(());
        };
        let archive = upload.sources.archive()?;
        upload
            .storage
            .save_bytes(&upload.object, archive, &SaveOptions::as_is())
            .await
            .map_err(|source| ToolError::Upload {
                bucket: upload.bucket.to_string(),
                source,
            })?;
        Ok(())
    }
}

impl Upload {
    /// A file of this machine by its path below the folder.
    fn below(&self, file: &Path) -> Option<PathBuf> {
        let file = std::fs::canonicalize(file).ok()?;
        let folder = std::fs::canonicalize(&self.folder).ok()?;
        file.strip_prefix(folder).ok().map(Path::to_owned)
    }
}
