//! Writing whole objects.

use bytes::Bytes;
use futures::future;
use object_store::{Attribute, Attributes, PutMode, PutOptions, PutPayload};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::debug;

use crate::checksum::Crc32c;
use crate::classify::{Subject, temporary};
use crate::parts::PART_BYTES;
use crate::patience::Tries;
use crate::{Action, Result, Storage, StorageError, StoragePath, blocking, content_type, gzip};

/// Whether bytes are compressed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// By name: those that end in `.gz` are.
    #[default]
    Auto,
    /// Gzip, whatever the name.
    Gzip,
    /// None: they are stored as they are, whatever the name.
    None,
}

/// How to write an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SaveOptions {
    /// Whether it is compressed on the way.
    pub compression: Compression,
    /// Its media type; by its name's ending when `None`. Local files have none.
    pub content_type: Option<String>,
}

impl SaveOptions {
    /// For bytes that are stored as they are, whatever the name.
    #[must_use]
    pub const fn as_is() -> Self {
        Self {
            compression: Compression::None,
            content_type: None,
        }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Size of the stored object, in bytes, after compression.
    pub bytes: u64,
    /// SHA-256 of the stored bytes, as 64 lowercase hexadecimal digits.
    pub sha256: String,
}

/// What became of a write that must not replace anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The object is new.
    Saved(Saved),
    /// There was one of that name already; it is untouched.
    AlreadyThere,
}

/// Smaller data is compressed right here: handing it over takes longer.
const HAND_OVER_BYTES: usize = 256 << 10;

impl Storage {
    /// Writes an object, whole or not at all, over any of that name.
    ///
    /// # Errors
    ///
    /// When it isn't written; what was there before still is.
    pub async fn save_bytes(
        &self,
        path: &StoragePath,
        data: impl Into<Bytes>,
        options: &SaveOptions,
    ) -> Result<Saved> {
        let stored = self.packed(path, data.into(), options.compression).await?;
        let content_type = options.content_type.as_deref();
        let saved = if self.is_remote() && stored.len() > PART_BYTES {
            self.put_large(path, &stored, content_type).await?
        } else {
            self.put_whole(path, &stored, content_type).await?;
            Saved::of(&stored)
        };
        Ok(self.wrote(path, saved))
    }

    /// Writes an object in parts, and hashes it while they are under way.
    async fn put_large(
        &self,
        path: &StoragePath,
        stored: &Bytes,
        content_type: Option<&str>,
    ) -> Result<Saved> {
        let hashed = stored.clone();
        let hashing = blocking::run(move || Saved::of(&hashed));
        let sending = self.insist(|| self.put_in_parts(path, stored, content_type));
        let (saved, sent) = future::join(hashing, sending).await;
        sent?;
        saved.map_err(|error| {
            let subject = Subject {
                action: Action::Write,
                path: self.url_of(path),
            };
            temporary(subject, error)
        })
    }

    /// Writes an object unless there is one of that name; of several writers at once, one wins.
    ///
    /// # Errors
    ///
    /// When it isn't written for another reason.
    pub async fn save_if_absent(
        &self,
        path: &StoragePath,
        data: impl Into<Bytes>,
        options: &SaveOptions,
    ) -> Result<Created> {
        let stored = self.packed(path, data.into(), options.compression).await?;
        let saved = Saved::of(&stored);
        let mut tries = Tries::new(self.patience);
        loop {
            let content_type = options.content_type.as_deref();
            match self.put(path, &stored, content_type, PutMode::Create).await {
                Ok(()) => return Ok(Created::Saved(self.wrote(path, saved))),
                Err(
                    object_store::Error::AlreadyExists { .. }
                    | object_store::Error::Precondition { .. },
                ) => {
                    // It may be this writer's own, if an earlier answer was lost.
                    let own = !tries.is_first() && self.is_stored(path, &stored).await?;
                    return Ok(if own {
                        Created::Saved(self.wrote(path, saved))
                    } else {
                        Created::AlreadyThere
                    });
                }
                Err(error) => {
                    let error = self.explain(Action::Write, path, error);
                    tries.wait_after(error).await?;
                }
            }
        }
    }

    async fn is_stored(&self, path: &StoragePath, data: &Bytes) -> Result<bool> {
        match self.fetch(path, data.len() as u64).await {
            Ok(stored) => Ok(stored == *data),
            Err(StorageError::TooLarge { .. } | StorageError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes an object at once.
    pub(crate) async fn put_whole(
        &self,
        path: &StoragePath,
        stored: &Bytes,
        content_type: Option<&str>,
    ) -> Result<()> {
        self.insist(|| async {
            let put = self.put(path, stored, content_type, PutMode::Overwrite);
            put.await
                .map_err(|error| self.explain(Action::Write, path, error))
        })
        .await
    }

    /// Writes a value as JSON: keys in the order of the struct, two spaces of indent, a line break
    /// at the end.
    ///
    /// # Errors
    ///
    /// When it can't be serialised or isn't written.
    pub async fn save_json<T: Serialize + ?Sized + Sync>(
        &self,
        path: &StoragePath,
        value: &T,
    ) -> Result<Saved> {
        let text = self.json(path, value)?;
        self.save_bytes(path, text, &SaveOptions::default()).await
    }

    /// Writes a value as JSON unless there is an object of that name.
    ///
    /// # Errors
    ///
    /// When it can't be serialised or isn't written for another reason.
    pub async fn save_json_if_absent<T: Serialize + ?Sized + Sync>(
        &self,
        path: &StoragePath,
        value: &T,
    ) -> Result<Created> {
        let text = self.json(path, value)?;
        self.save_if_absent(path, text, &SaveOptions::default())
            .await
    }

    fn json<T: Serialize + ?Sized>(&self, path: &StoragePath, value: &T) -> Result<Vec<u8>> {
        let mut text =
            serde_json::to_vec_pretty(value).map_err(|source| StorageError::Unserializable {
                path: self.url_of(path),
                source,
            })?;
        text.push(b'\n');
        Ok(text)
    }

    async fn packed(&self, path: &StoragePath, data: Bytes, how: Compression) -> Result<Bytes> {
        let compress = match how {
            Compression::Auto => path.as_str().ends_with(".gz"),
            Compression::Gzip => true,
            Compression::None => false,
        };
        if !compress {
            return Ok(data);
        }
        let packed = if data.len() < HAND_OVER_BYTES {
            Ok(gzip::compress(&data))
        } else {
            blocking::run(move || gzip::compress(&data)).await
        };
        let subject = || Subject {
            action: Action::Write,
            path: self.url_of(path),
        };
        match packed {
            Ok(Ok(packed)) => Ok(packed.into()),
            Ok(Err(error)) => Err(StorageError::Failed {
                action: Action::Write,
                path: self.url_of(path),
                hint: None,
                source: Box::new(error),
            }),
            Err(error) => Err(temporary(subject(), error)),
        }
    }

    /// The checksum goes with the bytes, for stores that look at it before the object appears.
    async fn put(
        &self,
        path: &StoragePath,
        stored: &Bytes,
        content_type: Option<&str>,
        mode: PutMode,
    ) -> object_store::Result<()> {
        let mut options = PutOptions {
            mode,
            attributes: self.attributes(path, content_type),
            ..PutOptions::default()
        };
        if self.is_remote() {
            options.extensions = Crc32c::of(stored).into_extensions();
        }
        let payload = PutPayload::from_bytes(stored.clone());
        let object = path.to_object_path();
        let written = self.store.put_opts(&object, payload, options).await;
        written.map(drop)
    }

    pub(crate) fn attributes(&self, path: &StoragePath, content_type: Option<&str>) -> Attributes {
        let content_type = content_type.unwrap_or_else(|| content_type::of(path.file_name()));
        Attributes::from_iter([(Attribute::ContentType, content_type.to_owned())])
    }

    pub(crate) fn wrote(&self, path: &StoragePath, saved: Saved) -> Saved {
        if self.verbose {
            debug!(
                "Wrote {} bytes to {}",
                grouped(saved.bytes),
                self.url_of(path)
            );
        }
        saved
    }
}

impl Saved {
    fn of(stored: &[u8]) -> Self {
        Self::from_hash(stored.len() as u64, Sha256::digest(stored).as_slice())
    }

    pub(crate) fn from_hash(bytes: u64, hash: &[u8]) -> Self {
        Self {
            bytes,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// A number with commas between its thousands, as the original logs it.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_grouped_by_thousands() {
        let table = [
            (0, "0"),
            (999, "999"),
            (1_024, "1,024"),
            (1_234_567, "1,234,567"),
        ];
        for (number, expected) in table {
            assert_eq!(super::grouped(number), expected);
        }
    }
}
