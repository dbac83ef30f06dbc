//! Reading the beginning of an object, where that says enough.

use futures::stream::StreamExt;
use object_store::{GetOptions, GetRange};

use crate::{Action, Result, Storage, StoragePath, gzip};

impl Storage {
    /// Reads the first bytes of an object, at most `length` of them as they are stored; of one whose
    /// name ends in `.gz`, what they unpack to. Checksums stand for whole objects, so nothing is
    /// verified here.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`](crate::StorageError::Missing) when it isn't there, and whatever the
    /// backend says; an empty object has no beginning.
    pub async fn load_start(&self, path: &StoragePath, length: u64) -> Result<Vec<u8>> {
        let stored = self.insist(|| self.try_start(path, length)).await?;
        Ok(if path.as_str().ends_with(".gz") {
            gzip::decompress_start(&stored)
        } else {
            stored
        })
    }

    async fn try_start(&self, path: &StoragePath, length: u64) -> Result<Vec<u8>> {
        let explain = |error| self.explain(Action::Read, path, error);
        let options = GetOptions {
            range: Some(GetRange::Bounded(0..length)),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&path.to_object_path(), options).await;
        let found = found.map_err(explain)?;
        let expected = found.range.end - found.range.start;
        let mut data = Vec::new();
        let mut chunks = found.into_stream();
        while let Some(chunk) = chunks.next().await {
            data.extend_from_slice(&chunk.map_err(explain)?);
        }
        if data.len() as u64 == expected {
            Ok(data)
        } else {
            Err(self.cut_short(path, data.len(), expected))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{SaveOptions, Storage};

    #[tokio::test]
    async fn no_more_is_read_than_was_asked_for_or_is_there() {
        let storage = Storage::in_memory();
        for name in ["plain", "packed.gz"] {
            let path = name.parse().unwrap();
            let bytes = b"abcdefgh".to_vec();
            let options = SaveOptions::default();
            storage.save_bytes(&path, bytes, &options).await.unwrap();
            assert_eq!(storage.load_start(&path, 1_000).await.unwrap(), b"abcdefgh");
        }
        let plain = "plain".parse().unwrap();
        assert_eq!(storage.load_start(&plain, 3).await.unwrap(), b"abc");
        let missing = storage.load_start(&"none".parse().unwrap(), 3).await;
        assert!(missing.unwrap_err().is_missing());
    }
}
