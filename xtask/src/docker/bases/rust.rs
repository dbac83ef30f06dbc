//! The machine's Rust toolchain, with Debian's C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{SYSTEM, files};
use crate::failure::Failure;
use crate::process::capture;

const DOCKERFILE: &str = "\
RUN apt-get update -q \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends \\
    gcc libc6-dev make pkg-config libbz2-1.0 libexpat1 libffi8 liblzma5 libncursesw6 libreadline8 \\
    libsqlite3-0 libssl3 libtirpc3 libuuid1 zlib1g \\
 && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY toolchain/ /usr/local/rustup/toolchains/stable/
ENV CARGO_HOME=/usr/local/cargo \\
    RUSTUP_HOME=/usr/local/rustup \\
    PATH=/usr/local/cargo/bin:/usr/local/rustup/toolchains/stable/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN mkdir -p $CARGO_HOME && cargo --version
";

/// Puts the context of the stand-in together.
pub(super) fn collect(folder: &Path) -> Result<(), Failure> {
    let compiler = capture(Command::new("rustc").args(["-vV"]))?;
    let host = compiler
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or_else(|| Failure::missing("`rustc -vV` names no host"))?;
    let root = PathBuf::from(capture(Command::new("rustc").args(["--print", "sysroot"]))?.trim());
    let standard = format!("lib/rustlib/{host}");
    files::copy(
        &root,
        &["bin/cargo", "bin/rustc", "lib"],
        &["lib/rustlib"],
        &folder.join("toolchain"),
    )?;
    // Left out with the other targets' above.
    files::copy(&root, &[&standard], &[], &folder.join("toolchain"))?;
    files::write(
        &folder.join("Dockerfile"),
        &format!("FROM {SYSTEM}\n{DOCKERFILE}"),
    )
}
