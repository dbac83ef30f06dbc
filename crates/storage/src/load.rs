//! Reading whole objects.

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, GetResult};
use serde::de::DeserializeOwned;
use tracing::debug;

use crate::checksum::Crc32c;
use crate::classify::{Subject, temporary};
use crate::gzip::{self, Unpack};
use crate::save::grouped;
use crate::{Action, Result, Storage, StorageError, StoragePath, blocking};

/// What is read at most unless the caller says otherwise, stored or unpacked: 2 GiB.
pub const DEFAULT_MAX_BYTES: u64 = 2 << 30;

/// How large the pieces are in which larger objects are read over a network.
const RANGE_BYTES: usize = 16 << 20;
/// How many of them are read at the same time.
const CONCURRENT_RANGES: usize = 6;

/// Whether bytes are decompressed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decompression {
    /// By name: those that end in `.gz` are.
    #[default]
    Auto,
    /// Gzip, whatever the name.
    Gunzip,
    /// None: they are returned as they are stored.
    None,
}

/// How to read an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOptions {
    /// Whether it is decompressed on the way.
    pub decompression: Decompression,
    /// The most that is taken, in bytes, before and after decompression.
    pub max_bytes: u64,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            decompression: Decompression::Auto,
            max_bytes: DEFAULT_MAX_BYTES,
        }
    }
}

impl LoadOptions {
    /// For bytes as they are stored, whatever the name.
    #[must_use]
    pub const fn as_is() -> Self {
        Self {
            decompression: Decompression::None,
            max_bytes: DEFAULT_MAX_BYTES,
        }
    }
}

impl Storage {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] when it isn't there, [`StorageError::Corrupt`] when it can't be
    /// unpacked, [`StorageError::TooLarge`] beyond the limit, and whatever the backend says.
    pub async fn load_bytes(&self, path: &StoragePath, options: &LoadOptions) -> Result<Vec<u8>> {
        let stored = self.fetch(path, options.max_bytes).await?;
        if self.verbose {
            debug!(
                "Read {} bytes from {}",
                grouped(stored.len() as u64),
                self.url_of(path)
            );
        }
        let unpack = match options.decompression {
            Decompression::Auto => path.as_str().ends_with(".gz"),
            Decompression::Gunzip => true,
            Decompression::None => false,
        };
        if unpack {
            self.unpacked(path, stored, options.max_bytes).await
        } else {
            Ok(stored)
        }
    }

    /// Reads a JSON value.
    ///
    /// # Errors
    ///
    /// As [`Storage::load_bytes`]; [`StorageError::Corrupt`] when it isn't the JSON expected.
    pub async fn load_json<T: DeserializeOwned>(&self, path: &StoragePath) -> Result<T> {
        let text = self.load_bytes(path, &LoadOptions::default()).await?;
        serde_json::from_slice(&text)
            .map_err(|error| self.corrupt(path, format!("it is not the JSON expected ({error})")))
    }

    fn corrupt(&self, path: &StoragePath, reason: String) -> StorageError {
        StorageError::Corrupt {
            path: self.url_of(path),
            reason,
        }
    }

    pub(crate) async fn fetch(&self, path: &StoragePath, max_bytes: u64) -> Result<Vec<u8>> {
        let fetched = || self.insist(|| self.try_fetch(path, max_bytes));
        match fetched().await {
            // Damaged on the way, perhaps: an object that is damaged where it lies stays so.
            Err(StorageError::Corrupt { .. }) if self.is_remote() => fetched().await,
            ended => ended,
        }
    }

    async fn try_fetch(&self, path: &StoragePath, max_bytes: u64) -> Result<Vec<u8>> {
        let found = self
            .store
            .get_opts(&path.to_object_path(), GetOptions::default())
            .await
            .map_err(|error| self.explain(Action::Read, path, error))?;
        let size = found.range.end - found.range.start;
        if size > max_bytes {
            return Err(StorageError::TooLarge {
                path: self.url_of(path),
                limit: max_bytes,
            });
        }
        let expected = Crc32c::given_by(&found.extensions);
        let data = if self.is_remote() && size > RANGE_BYTES as u64 {
            self.read_in_ranges(path, found, size).await?
        } else {
            self.read_through(path, found, size).await?
        };
        match expected {
            Some(expected) if Crc32c::of(&data) != expected => Err(self.corrupt(
                path,
                "its bytes don't have the checksum (CRC32C) that the store keeps of it".to_owned(),
            )),
            _ => Ok(data),
        }
    }

    async fn read_through(
        &self,
        path: &StoragePath,
        found: GetResult,
        size: u64,
    ) -> Result<Vec<u8>> {
        let mut chunks = found.into_stream();
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        while let Some(chunk) = chunks.next().await {
            let chunk: Bytes = chunk.map_err(|error| self.explain(Action::Read, path, error))?;
            data.extend_from_slice(&chunk);
        }
        if data.len() as u64 == size {
            Ok(data)
        } else {
            Err(self.cut_short(path, data.len(), size))
        }
    }

    /// Several ranges at the same time: the first from the answer that is there, the others asked
    /// for, on the condition that the object is still the same.
    async fn read_in_ranges(
        &self,
        path: &StoragePath,
        found: GetResult,
        size: u64,
    ) -> Result<Vec<u8>> {
        let mut data = vec![0; usize::try_from(size).unwrap_or_default()];
        let e_tag = found.meta.e_tag.clone();
        let mut first = Some(found);
        let mut pieces = Vec::new();
        for (index, buffer) in data.chunks_mut(RANGE_BYTES).enumerate() {
            let (opened, e_tag) = (first.take(), e_tag.clone());
            let start = (index * RANGE_BYTES) as u64;
            pieces.push(async move {
                let body = match opened {
                    Some(found) => found,
                    None => self.range(path, start, buffer.len(), e_tag).await?,
                };
                self.fill(path, body, buffer).await
            });
        }
        stream::iter(pieces)
            .buffer_unordered(CONCURRENT_RANGES)
            .try_collect::<()>()
            .await?;
        Ok(data)
    }

    async fn range(
        &self,
        path: &StoragePath,
        start: u64,
        length: usize,
        if_match: Option<String>,
    ) -> Result<GetResult> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(start..start + length as u64)),
            if_match,
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&path.to_object_path(), options).await;
        found.map_err(|error| match error {
            // Written anew between two ranges: the new one is read from its start.
            object_store::Error::Precondition { source, .. } => {
                temporary(self.reading(path), source)
            }
            error => self.explain(Action::Read, path, error),
        })
    }

    /// Fills a buffer from the start of a body.
    async fn fill(&self, path: &StoragePath, body: GetResult, buffer: &mut [u8]) -> Result<()> {
        let size = buffer.len();
        let mut rest = buffer;
        let mut chunks = body.into_stream();
        while !rest.is_empty() {
            let Some(chunk) = chunks.next().await else {
                let missing = rest.len();
                return Err(self.cut_short(path, size - missing, size as u64));
            };
            let chunk = chunk.map_err(|error| self.explain(Action::Read, path, error))?;
            let taken = chunk.len().min(rest.len());
            let (now, later) = rest.split_at_mut(taken);
            now.copy_from_slice(&chunk[..taken]);
            rest = later;
        }
        Ok(())
    }

    /// A connection that broke, not an object that is short: its size is what was promised.
    pub(crate) fn cut_short(&self, path: &StoragePath, came: usize, size: u64) -> StorageError {
        temporary(self.reading(path), format!("{came} of {size} bytes came"))
    }

    fn reading(&self, path: &StoragePath) -> Subject {
        Subject {
            action: Action::Read,
            path: self.url_of(path),
        }
    }

    async fn unpacked(&self, path: &StoragePath, packed: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
        let unpacked = blocking::run(move || gzip::decompress(&packed, limit)).await;
        match unpacked {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(Unpack::Corrupt(reason))) => Err(self.corrupt(path, reason)),
            Ok(Err(Unpack::TooLarge)) => Err(StorageError::TooLarge {
                path: self.url_of(path),
                limit,
            }),
            Err(error) => Err(temporary(self.reading(path), error)),
        }
    }
}
