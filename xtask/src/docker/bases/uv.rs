//! uv from PyPI, alone in its image as the public one has it.

use std::path::Path;
use std::process::Command;

use super::files;
use crate::failure::Failure;
use crate::process::run;

const DOCKERFILE: &str = "FROM scratch\nCOPY packages/bin/uv packages/bin/uvx /\n";

/// Puts the context of the stand-in together.
pub(super) fn collect(version: &str, folder: &Path) -> Result<(), Failure> {
    run(Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        .arg("--target")
        .arg(folder.join("packages"))
        .arg(format!("uv=={version}")))?;
    files::write(&folder.join("Dockerfile"), DOCKERFILE)
}
