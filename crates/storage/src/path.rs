//! Where something lies in a storage.

use std::fmt;
use std::str::FromStr;

use epycloud_errors::{Diagnose, ExitCode};
use serde::{Deserialize, Serialize};

/// What the names of unfinished local files end with; no path may, so none can name one.
pub(crate) const UNFINISHED: &str = "~epycloud";

/// Google's limit for an object's name, in bytes.
const LONGEST: usize = 1_024;
/// The file systems' limit for one name, in bytes.
const LONGEST_SEGMENT: usize = 255;

/// Where something lies in a storage: names joined by `/`, relative to the storage's root, never
/// leading out of it.
///
/// Names may hold spaces and any letters, but no control characters and no backslash; none is
/// empty, `.` or `..`.
///
/// ```
/// use epycloud_storage::StoragePath;
///
/// let path: StoragePath = "pipeline/flu/tables/quantiles.csv.gz".parse()?;
/// assert_eq!(path.file_name(), "quantiles.csv.gz");
/// assert!("../elsewhere".parse::<StoragePath>().is_err());
/// # Ok::<(), epycloud_storage::InvalidStoragePath>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StoragePath(String);

/// A text that can't be a path in a storage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a path in a storage: {reason}", .path.escape_debug())]
pub struct InvalidStoragePath {
    /// The text.
    pub path: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Diagnose for InvalidStoragePath {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl StoragePath {
    /// Joins parts that are each known to be safe.
    pub(crate) fn from_safe(parts: &[&str]) -> Self {
        let parts: Vec<_> = parts
            .iter()
            .copied()
            .filter(|part| !part.is_empty())
            .collect();
        Self(parts.join("/"))
    }

    /// The path with one more name at its end.
    ///
    /// # Errors
    ///
    /// When the whole is no path in a storage.
    pub fn join(&self, name: &str) -> Result<Self, InvalidStoragePath> {
        format!("{}/{name}", self.0).parse()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    pub(crate) fn to_object_path(&self) -> object_store::path::Path {
        // Parsing strips slashes at the ends and refuses what this type refuses anyway.
        object_store::path::Path::parse(&self.0).unwrap_or_default()
    }
}

impl FromStr for StoragePath {
    type Err = InvalidStoragePath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(reason) => {
                let path = text.chars().take(200).collect();
                Err(InvalidStoragePath { path, reason })
            }
        }
    }
}

fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("it is empty");
    }
    if text.len() > LONGEST {
        return Some("it is longer than 1,024 bytes");
    }
    text.split('/').find_map(|name| match name {
        "" => Some("a name in it is empty (a slash at an end, or two in a row)"),
        "." | ".." => Some("`.` and `..` are not allowed"),
        name if name.len() > LONGEST_SEGMENT => Some("a name in it is longer than 255 bytes"),
        name if name.contains('\\') => Some("it has a backslash"),
        name if name.contains(char::is_control) => Some("it has a control character"),
        name if name.ends_with(UNFINISHED) => Some("its ending is kept for unfinished files"),
        _ => None,
    })
}

impl TryFrom<String> for StoragePath {
    type Error = InvalidStoragePath;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<StoragePath> for String {
    fn from(path: StoragePath) -> Self {
        path.0
    }
}

impl fmt::Display for StoragePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_relative_and_lead_nowhere_else() {
        for text in [
            "a",
            "a/b.csv.gz",
            "a b/é ü",
            "..a",
            "a..",
            "~",
            "%2e%2e/x",
            "a:b",
        ] {
            assert!(text.parse::<StoragePath>().is_ok(), "{text}");
        }
        let long = format!("{}a", "a/".repeat(512));
        for text in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "a/.",
            "a\\b",
            "a\0",
            "a\nb",
            "a\u{85}b",
            "x~epycloud",
            "x~epycloud/y",
            &"a".repeat(256),
            &long,
        ] {
            assert!(text.parse::<StoragePath>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_object_store_keeps_every_accepted_path_as_it_is(
            text in prop_oneof![any::<String>(), "[a-z.#%~ ü/]{1,20}"]
        ) {
            if let Ok(path) = text.parse::<StoragePath>() {
                let object = path.to_object_path();
                prop_assert_eq!(object.as_ref(), path.as_str());
                let json = serde_json::to_string(&path).unwrap();
                prop_assert_eq!(serde_json::from_str::<StoragePath>(&json).unwrap(), path);
            }
        }
    }
}
