//! Objects that travel in parts.

use std::error::Error;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::{GetOptions, MultipartUpload, PutMultipartOptions, PutPayload};

use crate::checksum::Crc32c;
use crate::classify::{Subject, temporary};
use crate::{Action, DEFAULT_MAX_BYTES, Result, Storage, StorageError, StoragePath};

/// Larger objects are written over a network in parts of this size.
pub(crate) const PART_BYTES: usize = 16 << 20;
/// How many parts are sent at the same time.
const CONCURRENT_PARTS: usize = 6;

impl Storage {
    /// Writes an object in parts that are sent at the same time.
    pub(crate) async fn put_in_parts(
        &self,
        path: &StoragePath,
        data: &Bytes,
        content_type: Option<&str>,
    ) -> Result<()> {
        let mut upload = self.start_parts(path, content_type).await?;
        let sent = self.send_parts(path, upload.as_mut(), data).await;
        let ended = match sent {
            Ok(()) => {
                let (size, checksum) = (data.len() as u64, Crc32c::of(data));
                self.complete(path, upload.as_mut(), size, checksum).await
            }
            Err(error) => Err(error),
        };
        if ended.is_err() {
            discard(upload.as_mut()).await;
        }
        ended
    }

    async fn send_parts(
        &self,
        path: &StoragePath,
        upload: &mut dyn MultipartUpload,
        data: &Bytes,
    ) -> Result<()> {
        // Nothing is sent before it is polled.
        let parts: Vec<_> = (0..data.len())
            .step_by(PART_BYTES)
            .map(|start| data.slice(start..data.len().min(start + PART_BYTES)))
            .map(|part| upload.put_part(PutPayload::from_bytes(part)))
            .collect();
        stream::iter(parts)
            .buffer_unordered(CONCURRENT_PARTS)
            .try_collect::<()>()
            .await
            .map_err(|error| self.explain(Action::Write, path, error))
    }

    /// Starts an object in parts. A start whose answer is lost leaves nothing that can be seen.
    pub(crate) async fn start_parts(
        &self,
        path: &StoragePath,
        content_type: Option<&str>,
    ) -> Result<Box<dyn MultipartUpload>> {
        let object = path.to_object_path();
        self.insist(|| async {
            let options = PutMultipartOptions {
                attributes: self.attributes(path, content_type),
                ..PutMultipartOptions::default()
            };
            let started = self.store.put_multipart_opts(&object, options).await;
            started.map_err(|error| self.explain(Action::Write, path, error))
        })
        .await
    }

    /// Makes the parts an object. Where the answer was lost the object may be there all the same:
    /// it is looked for before this counts as failed.
    pub(crate) async fn complete(
        &self,
        path: &StoragePath,
        upload: &mut dyn MultipartUpload,
        size: u64,
        checksum: Crc32c,
    ) -> Result<()> {
        match upload.complete().await {
            Ok(done) => self.verify(path, checksum, Crc32c::given_by(&done.extensions)),
            Err(error) => {
                let error = self.explain(Action::Write, path, error);
                if self.is_remote() && self.is_there(path, size, checksum).await {
                    return Ok(());
                }
                Err(error)
            }
        }
    }

    /// Whether the store has what was sent, as far as it says.
    pub(crate) fn verify(
        &self,
        path: &StoragePath,
        sent: Crc32c,
        stored: Option<Crc32c>,
    ) -> Result<()> {
        if stored.is_none_or(|stored| stored == sent) {
            return Ok(());
        }
        let subject = Subject {
            action: Action::Write,
            path: self.url_of(path),
        };
        Err(temporary(
            subject,
            "it was damaged on the way: the store has another checksum",
        ))
    }

    /// Whether an object of this content is there. That it can't be found out counts as no.
    async fn is_there(&self, path: &StoragePath, size: u64, checksum: Crc32c) -> bool {
        let head = self
            .insist(|| async {
                let options = GetOptions {
                    head: true,
                    ..GetOptions::default()
                };
                let found = self.store.get_opts(&path.to_object_path(), options).await;
                found.map_err(|error| self.explain(Action::Read, path, error))
            })
            .await;
        match head {
            Ok(found) if found.meta.size == size => match Crc32c::given_by(&found.extensions) {
                Some(stored) => stored == checksum,
                None => self
                    .fetch(path, size.max(DEFAULT_MAX_BYTES))
                    .await
                    .is_ok_and(|data| Crc32c::of(&data) == checksum),
            },
            _ => false,
        }
    }
}

/// The object never appears without `complete`; parts that can't be removed now are left to the
/// bucket's lifecycle rule.
pub(crate) async fn discard(upload: &mut dyn MultipartUpload) {
    if let Err(error) = upload.abort().await {
        tracing::debug!(error = &error as &dyn Error, "unfinished parts remain");
    }
}

/// What a writer says that has already failed.
pub(crate) fn no_more_use(path: String) -> StorageError {
    StorageError::Failed {
        action: Action::Write,
        path,
        hint: Some("start the object again with a new writer"),
        source: "an earlier part of it was not written".into(),
    }
}
