//! Secrets among the files to build from.

use std::path::PathBuf;

use epycloud_errors::Secret;
use ignore::DirEntry;
use memchr::memmem;

use crate::error::ImagesError;

/// Files and folders that secrets are kept in, whatever is ignored.
const NAMES: [&str; 8] = [
    ".git",
    ".terraform",
    ".netrc",
    ".env",
    ".docker",
    "secrets.yaml",
    "secrets.yml",
    "application_default_credentials.json",
];
const BEGINNINGS: [&str; 5] = [".env.", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"];
const PARTS: [&str; 2] = [".tfstate", ".tfvars"];
const ENDINGS: [&str; 2] = [".p12", ".pfx"];

/// How a private key begins, whatever its kind, after `-----BEGIN ` and before `-----`.
const KEY: &[u8] = b"PRIVATE KEY-----";
const BEGIN: &[u8] = b"-----BEGIN ";
/// What stands between the two at most, in bytes.
const KIND: usize = 16;
/// Larger files are data, not what somebody wrote a secret into, in bytes.
const LOOKED_INTO: u64 = 4 << 20;

/// Whether secrets are kept in files of a name.
pub(super) fn is_kept_in(name: &str) -> bool {
    NAMES.contains(&name)
        || BEGINNINGS.iter().any(|start| name.starts_with(start))
        || PARTS.iter().any(|part| name.contains(part))
        || ENDINGS.iter().any(|end| name.ends_with(end))
}

/// What secret a file holds, in words.
pub(super) fn within(
    entry: &DirEntry,
    known: &[Secret],
) -> Result<Option<&'static str>, ImagesError> {
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    let is_small = entry
        .metadata()
        .is_ok_and(|metadata| metadata.len() <= LOOKED_INTO);
    if !is_file || !is_small {
        return Ok(None);
    }
    let text = std::fs::read(entry.path()).map_err(|source| ImagesError::Read {
        file: PathBuf::from(entry.path()),
        source,
    })?;
    if known
        .iter()
        .any(|secret| memmem::find(&text, secret.expose().as_bytes()).is_some())
    {
        return Ok(Some("your token"));
    }
    Ok(has_private_key(&text).then_some("a private key"))
}

/// A key, not a text that mentions how one begins: a line of base64 comes after it.
fn has_private_key(text: &[u8]) -> bool {
    memmem::find_iter(text, BEGIN).any(|start| {
        let after = text.get(start + BEGIN.len()..).unwrap_or_default();
        let near = after.get(..KEY.len() + KIND).unwrap_or(after);
        memmem::find(near, KEY).is_some_and(|at| {
            let rest = after.get(at + KEY.len()..).unwrap_or_default();
            // In JSON the line's end is written out.
            let rest = rest.strip_prefix(b"\\n").unwrap_or(rest);
            let mut rest = rest.iter().skip_while(|byte| byte.is_ascii_whitespace());
            rest.next().is_some_and(u8::is_ascii_alphanumeric)
        })
    })
}
