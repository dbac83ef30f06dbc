//! Reading whole objects.

use bytes::Bytes;
use futures::StreamExt;
use object_store::GetOptions;
use serde::de::DeserializeOwned;
use tracing::debug;

use crate::classify::{Subject, temporary};
use crate::gzip::{self, Unpack};
use crate::save::grouped;
use crate::{Action, Result, Storage, StorageError, StoragePath, blocking};

/// What is read at most unless the caller says otherwise, stored or unpacked: 2 GiB.
pub const DEFAULT_MAX_BYTES: u64 = 2 << 30;

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

    async fn fetch(&self, path: &StoragePath, max_bytes: u64) -> Result<Vec<u8>> {
        let explain = |error| self.explain(Action::Read, path, error);
        let object = path.to_object_path();
        let found = self
            .store
            .get_opts(&object, GetOptions::default())
            .await
            .map_err(explain)?;
        let size = found.range.end - found.range.start;
        if size > max_bytes {
            return Err(StorageError::TooLarge {
                path: self.url_of(path),
                limit: max_bytes,
            });
        }
        let mut chunks = found.into_stream();
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        while let Some(chunk) = chunks.next().await {
            let chunk: Bytes = chunk.map_err(explain)?;
            data.extend_from_slice(&chunk);
        }
        if data.len() as u64 == size {
            return Ok(data);
        }
        // A connection that broke, not an object that is short: its size is what was promised.
        let subject = Subject {
            action: Action::Read,
            path: self.url_of(path),
        };
        let cause = format!("{} of {size} bytes came", data.len());
        Err(temporary(subject, cause))
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
            Err(error) => {
                let subject = Subject {
                    action: Action::Read,
                    path: self.url_of(path),
                };
                Err(temporary(subject, error))
            }
        }
    }
}
