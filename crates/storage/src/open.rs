//! Storages by their address.

use std::path::Path;
use std::sync::Arc;

use crate::{LocalStore, Result, Storage, StorageError};

impl Storage {
    /// A storage in a folder, which is made with the first write.
    ///
    /// # Errors
    ///
    /// When the path is empty or its name is not UTF-8.
    pub fn local(root: &Path) -> Result<Self> {
        let unsupported = |reason: String| StorageError::Unsupported {
            url: root.to_string_lossy().into_owned(),
            reason,
            hint: None,
        };
        let absolute = std::path::absolute(root).map_err(|error| unsupported(error.to_string()))?;
        let Some(base) = absolute.to_str() else {
            return Err(unsupported("the folder's name is not UTF-8".to_owned()));
        };
        Ok(Self::new(Arc::new(LocalStore::new(absolute.clone())), base))
    }

    /// A storage by its address: `file:///folder`, a folder's path, or `memory:`.
    ///
    /// ```
    /// use epycloud_storage::Storage;
    ///
    /// assert!(Storage::open("file:///data/bucket").is_ok());
    /// let error = Storage::open("gs://bucket").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "can't open `gs://bucket`: `gs` comes with cloud storage, which this version does not have"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// When no backend here opens it.
    pub fn open(url: &str) -> Result<Self> {
        let unsupported = |reason: &str, hint| StorageError::Unsupported {
            url: without_user_info(url),
            reason: reason.to_owned(),
            hint,
        };
        if matches!(url, "memory:" | "memory://" | "memory:///") {
            return Ok(Self::in_memory());
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return Self::local(Path::new(url));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "file" if rest.starts_with('/') => Self::local(Path::new(&percent_decoded(rest))),
            "file" => Err(unsupported(
                "a file URL has three slashes and a path from the root",
                Some("write file:///folder, or the folder's path alone"),
            )),
            known @ ("gs" | "s3" | "az") => Err(unsupported(
                &format!("`{known}` comes with cloud storage, which this version does not have"),
                Some("use a folder: EXECUTION_MODE=local, or file:///folder"),
            )),
            _ => Err(unsupported(
                "no such kind of storage",
                Some("file:///folder, a folder's path, and memory: can be opened"),
            )),
        }
    }
}

/// A URL may carry a password; what is shown of it doesn't.
fn without_user_info(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[host..])
        }
        None => url.to_owned(),
    }
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use epycloud_errors::{Diagnose, ExitCode};

    use super::*;

    fn base(url: &str) -> String {
        Storage::open(url).unwrap().url_of(&"x".parse().unwrap())
    }

    #[test]
    fn folders_open_by_url_and_by_path() {
        assert_eq!(base("file:///data/bucket"), "/data/bucket/x");
        assert_eq!(base("file:///data/my%20bucket/"), "/data/my bucket/x");
        assert_eq!(base("/data/bucket"), "/data/bucket/x");
        assert!(base("bucket").ends_with("/bucket/x"));
        assert_eq!(base("memory:"), "memory:/x");
    }

    #[test]
    fn what_has_no_backend_says_so_and_shows_no_password() {
        for url in ["gs://b", "s3://b/x", "AZ://c", "file://data", "ftp://x", ""] {
            let error = Storage::open(url).unwrap_err();
            assert_eq!(error.exit_code(), ExitCode::Usage, "{url}");
        }
        let error = Storage::open("s3://key:hunter2@host/b").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
        assert!(
            Storage::open("gs://b")
                .unwrap_err()
                .hint()
                .unwrap()
                .contains("EXECUTION_MODE")
        );
    }
}
