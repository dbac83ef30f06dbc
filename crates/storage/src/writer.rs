//! Writing an object piece by piece.

use std::fmt;

use bytes::{Bytes, BytesMut};
use object_store::{MultipartUpload, PutPayload};
use sha2::{Digest, Sha256};

use crate::checksum::Running;
use crate::parts::{discard, no_more_use};
use crate::{Action, Result, Saved, Storage, StoragePath};

/// Object stores take parts of at least 5 MiB and at most 10,000 of them.
const PART_BYTES: usize = 5 << 20;

/// Writes an object piece by piece; it appears with [`Writer::finish`], whole, over any of that
/// name. A writer that is dropped before leaves nothing.
///
/// Bytes are stored as they are given, whatever the name: who streams a `.gz` compresses it.
/// At most one part (5 MiB) is held in memory.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// use epycloud_storage::Storage;
///
/// let storage = Storage::in_memory();
/// let path = "table.csv".parse()?;
/// let mut writer = storage.writer(&path);
/// writer.write("date,value\n").await?;
/// writer.write("2026-11-23,7\n").await?;
/// assert!(!storage.exists(&path).await?);
/// assert_eq!(writer.finish().await?.bytes, 24);
/// assert!(storage.exists(&path).await?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer {
    storage: Storage,
    path: StoragePath,
    buffer: BytesMut,
    upload: Option<Box<dyn MultipartUpload>>,
    hasher: Sha256,
    checksum: Running,
    bytes: u64,
    broken: bool,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("bytes", &self.bytes)
            .finish()
    }
}

impl Storage {
    /// Starts an object that is written piece by piece. Nothing is sent before the first part is
    /// full.
    #[must_use]
    pub fn writer(&self, path: &StoragePath) -> Writer {
        Writer {
            storage: self.clone(),
            path: path.clone(),
            buffer: BytesMut::new(),
            upload: None,
            hasher: Sha256::new(),
            checksum: Running::new(),
            bytes: 0,
            broken: false,
        }
    }
}

impl Writer {
    /// Where the object will be.
    #[must_use]
    pub const fn path(&self) -> &StoragePath {
        &self.path
    }

    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// When a part can't be sent; the writer is then of no more use, and nothing will appear.
    pub async fn write(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        let mut data = data.as_ref();
        self.refuse_if_broken()?;
        self.hasher.update(data);
        if self.storage.is_remote() {
            self.checksum.update(data);
        }
        self.bytes += data.len() as u64;
        while !data.is_empty() {
            let (now, later) = data.split_at(data.len().min(PART_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            data = later;
            // A full part waits for more: if nothing follows, a single put may do.
            if !data.is_empty() {
                let part = self.buffer.split().freeze();
                self.send(part).await?;
            }
        }
        Ok(())
    }

    /// Makes the object appear.
    ///
    /// # Errors
    ///
    /// When it can't; nothing appears then.
    pub async fn finish(mut self) -> Result<Saved> {
        self.refuse_if_broken()?;
        let rest = self.buffer.split().freeze();
        if self.upload.is_some() {
            self.send(rest).await?;
            self.complete().await?;
        } else {
            self.storage.put_whole(&self.path, &rest, None).await?;
        }
        let hash = std::mem::take(&mut self.hasher).finalize();
        Ok(self
            .storage
            .wrote(&self.path, Saved::from_hash(self.bytes, hash.as_slice())))
    }

    /// Gives up and waits until the parts that were sent are gone. Dropping the writer does the
    /// same without waiting, as far as the runtime still runs.
    pub async fn abort(mut self) {
        if let Some(mut upload) = self.upload.take() {
            discard(upload.as_mut()).await;
        }
    }

    async fn send(&mut self, part: Bytes) -> Result<()> {
        // Until the part has arrived the writer counts as broken, so that a caller who stops
        // waiting for it can't go on with a hole in the object.
        self.broken = true;
        let sent = self.try_send(part).await;
        match sent {
            Ok(()) => self.broken = false,
            Err(_) => self.discard_upload().await,
        }
        sent
    }

    async fn try_send(&mut self, part: Bytes) -> Result<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.storage.start_parts(&self.path, None).await?),
        };
        let sent = upload.put_part(PutPayload::from_bytes(part)).await;
        sent.map_err(|error| self.storage.explain(Action::Write, &self.path, error))
    }

    async fn complete(&mut self) -> Result<()> {
        let Some(upload) = &mut self.upload else {
            return Ok(());
        };
        let checksum = self.checksum.value();
        let completed = self
            .storage
            .complete(&self.path, upload.as_mut(), self.bytes, checksum)
            .await;
        match completed {
            Ok(()) => self.upload = None,
            Err(_) => self.discard_upload().await,
        }
        completed
    }

    async fn discard_upload(&mut self) {
        if let Some(mut upload) = self.upload.take() {
            discard(upload.as_mut()).await;
        }
    }

    fn refuse_if_broken(&self) -> Result<()> {
        if !self.broken {
            return Ok(());
        }
        Err(no_more_use(self.storage.url_of(&self.path)))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Some(mut upload) = self.upload.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { discard(upload.as_mut()).await });
        }
    }
}
