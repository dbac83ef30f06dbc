//! What the checks share.

use std::fmt::Debug;

use crate::{
    InvalidStoragePath, LoadOptions, ObjectInfo, SaveOptions, Storage, StorageError, StoragePath,
};

/// Why a check failed.
pub(super) struct Failed {
    pub(super) reason: String,
}

pub(super) type Outcome<T = ()> = Result<T, Failed>;

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        Self {
            reason: epycloud_errors::chain(&error).join(": "),
        }
    }
}

impl From<InvalidStoragePath> for Failed {
    fn from(error: InvalidStoragePath) -> Self {
        Self {
            reason: error.to_string(),
        }
    }
}

/// A storage and the folder in it that belongs to one check.
pub(super) struct Place {
    pub(super) storage: Storage,
    pub(super) folder: StoragePath,
}

impl Place {
    pub(super) fn new(storage: Storage, check: &str) -> Self {
        Self {
            storage,
            folder: StoragePath::from_safe(&["conformance", check]),
        }
    }

    pub(super) fn at(&self, name: &str) -> Outcome<StoragePath> {
        Ok(self.folder.join(name)?)
    }

    /// Saves bytes as they are.
    pub(super) async fn put(&self, name: &str, data: &[u8]) -> Outcome {
        self.storage
            .save_bytes(&self.at(name)?, data.to_vec(), &SaveOptions::as_is())
            .await?;
        Ok(())
    }

    /// Loads bytes as they are stored.
    pub(super) async fn get(&self, name: &str) -> Outcome<Vec<u8>> {
        Ok(self
            .storage
            .load_bytes(&self.at(name)?, &LoadOptions::as_is())
            .await?)
    }

    pub(super) async fn list(&self) -> Outcome<Vec<ObjectInfo>> {
        Ok(self.storage.list(&self.folder).await?)
    }

    /// The names of what is in the folder.
    pub(super) async fn names(&self) -> Outcome<Vec<String>> {
        let start = self.folder.as_str().len() + 1;
        Ok(self
            .list()
            .await?
            .iter()
            .map(|found| found.path.as_str()[start..].to_owned())
            .collect())
    }
}

/// Fails the check unless two values are equal.
#[expect(
    clippy::needless_pass_by_value,
    reason = "temporaries are compared, as by assert_eq"
)]
pub(super) fn same<A, B>(what: &str, found: A, expected: B) -> Outcome
where
    A: PartialEq<B> + Debug,
    B: Debug,
{
    if found == expected {
        return Ok(());
    }
    let short = |text: String| text.chars().take(200).collect::<String>();
    let (found, expected) = (short(format!("{found:?}")), short(format!("{expected:?}")));
    Err(Failed {
        reason: format!("{what}: found {found}, expected {expected}"),
    })
}

/// Fails the check unless a condition holds.
pub(super) fn holds(what: &str, condition: bool) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(Failed {
            reason: format!("not so: {what}"),
        })
    }
}

/// Bytes that say what they are: all the same, at a length of their own.
pub(super) fn uniform(byte: u8) -> Vec<u8> {
    vec![byte; 100_000 + 1_000 * usize::from(byte)]
}

/// Whether bytes are one of those.
pub(super) fn is_uniform(data: &[u8]) -> bool {
    data.first().is_some_and(|byte| data == uniform(*byte))
}

/// Bytes without a pattern in them, nor a mebibyte like another.
pub(super) fn noise(length: usize) -> Vec<u8> {
    const BLOCK: usize = 1 << 20;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut data: Vec<u8> = (0..length.min(BLOCK).div_ceil(8))
        .flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .collect();
    while data.len() < length {
        let block = data.len();
        data.extend_from_within(..BLOCK);
        data[block..block + 8].copy_from_slice(&block.to_le_bytes());
    }
    data.truncate(length);
    data
}
