//! Who may read the file of secrets.

use std::path::Path;

/// A warning where anybody but its owner can read a file, with the command that mends it.
#[cfg(unix)]
pub(crate) fn warning(file: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        format!(
            "`{}` can be read or changed by others (mode {mode:04o}); mend it with `chmod 600 {}`",
            file.display(),
            quoted(&file.to_string_lossy())
        )
    })
}

/// Elsewhere a folder's own rules say who may read what is in it.
#[cfg(not(unix))]
pub(crate) fn warning(_file: &Path) -> Option<String> {
    None
}

/// A path as a shell takes it for one word.
#[cfg(unix)]
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@".contains(&byte);
    if path.bytes().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}
