//! Storages by their address.

use std::path::Path;
use std::sync::Arc;

use epycloud_config::Environment;

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

    /// A storage by its address: a bucket (`gs://bucket/folder`, `s3://…`, `az://container/…`),
    /// `file:///folder`, a folder's path, or `memory:`. Endpoints and credentials of buckets come
    /// from the process's environment ([`open_with`](Self::open_with)).
    ///
    /// ```
    /// use epycloud_storage::Storage;
    ///
    /// assert!(Storage::open("file:///data/bucket").is_ok());
    /// let error = Storage::open("ftp://host/folder").unwrap_err();
    /// assert_eq!(error.to_string(), "can't open `ftp://host/folder`: no such kind of storage");
    /// ```
    ///
    /// # Errors
    ///
    /// When no backend here opens it, or what the environment says of it can't be used.
    pub fn open(url: &str) -> Result<Self> {
        Self::open_with(url, &Environment::from_process())
    }

    /// As [`open`](Self::open), with an environment of the caller's: `GOOGLE_…`, `AWS_…` and
    /// `AZURE_…`, as object_store names them; the reference manual has the table.
    ///
    /// The metadata server's address (`GCE_METADATA_HOST`) and gcloud's own file (`HOME`) are
    /// looked up in the process's environment all the same.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(url: &str, environment: &Environment) -> Result<Self> {
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
            scheme @ ("gs" | "s3" | "az") => {
                bucket(&without_user_info(url), scheme, rest, environment)
            }
            _ => Err(unsupported(
                "no such kind of storage",
                Some(
                    "gs://, s3://, az:// and a bucket, file:///folder, a folder's path, and \
                     memory: can be opened",
                ),
            )),
        }
    }
}

#[cfg(feature = "http")]
use crate::cloud::open as bucket;

#[cfg(not(feature = "http"))]
fn bucket(url: &str, scheme: &str, _: &str, _: &Environment) -> Result<Storage> {
    Err(StorageError::Unsupported {
        url: url.to_owned(),
        reason: format!("`{scheme}` is not part of this build"),
        hint: Some("build with the features `gcp`, `aws` or `azure`"),
    })
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
    fn what_can_not_be_opened_says_so_and_shows_no_password() {
        for url in [
            "gs://",
            "gs://Not_A_Bucket/x",
            "s3://b//x",
            "file://data",
            "ftp://x",
            "",
        ] {
            let error = Storage::open(url).unwrap_err();
            assert_eq!(error.exit_code(), ExitCode::Usage, "{url}");
        }
        let error = Storage::open("s3://key:hunter2@host/b").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
        assert_eq!(error.exit_code(), ExitCode::Usage);
    }

    #[cfg(feature = "gcp")]
    #[test]
    fn a_bucket_may_have_a_folder_as_its_root() {
        let environment = Environment::from_pairs([("GOOGLE_SKIP_SIGNATURE", "true")]);
        let open = |url| Storage::open_with(url, &environment).unwrap();
        let path = "x".parse().unwrap();
        assert_eq!(open("gs://bucket").url_of(&path), "gs://bucket/x");
        assert_eq!(open("GS://bucket/a/b/").url_of(&path), "gs://bucket/a/b/x");
    }
}
