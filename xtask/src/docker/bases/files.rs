//! Putting a build's context together.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;

pub(super) fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}

/// Deletes a folder; one that isn't there is fine.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_dir_all(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Failure::File {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a torn file of a context is made again with the image"
)]
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}

/// Copies what lies under `from` to the same places under `to`, with links and modes, without what
/// the patterns (of tar) exclude.
pub(super) fn copy(
    from: &Path,
    names: &[&str],
    excluded: &[&str],
    to: &Path,
) -> Result<(), Failure> {
    make_folder(to)?;
    let start = |command: &mut Command| {
        command.spawn().map_err(|source| Failure::Start {
            program: "tar".into(),
            source,
        })
    };
    let mut reading = Command::new("tar");
    reading.arg("-c").arg("-C").arg(from);
    for pattern in excluded {
        reading.arg(format!("--exclude={pattern}"));
    }
    let mut reading = start(reading.args(names).stdout(Stdio::piped()))?;
    let archive = reading.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let mut writing = Command::new("tar");
    writing.arg("-x").arg("-C").arg(to).stdin(archive);
    let written = writing.status();
    let read = reading.wait();
    match (read, written) {
        (Ok(read), Ok(written)) if read.success() && written.success() => Ok(()),
        _ => Err(Failure::unmet(format!(
            "couldn't copy {} from `{}`",
            names.join(", "),
            from.display()
        ))),
    }
}
