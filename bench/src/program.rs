//! Running the project's binaries and the oracle.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The variable that names the Python of an environment that has the suite.
pub(crate) const SUITE: &str = "EPYCLOUD_SUITE_PYTHON";

/// A binary that was built beside this one.
pub(crate) fn ours(name: &str) -> Result<PathBuf, Failure> {
    let path = std::env::current_exe()
        .map_err(|source| Failure::Run {
            program: name.to_owned(),
            source,
        })?
        .with_file_name(name);
    if path.exists() {
        Ok(path)
    } else {
        let source = std::io::ErrorKind::NotFound.into();
        Err(Failure::File { path, source })
    }
}

/// The Python that has epydemix, if there is one.
pub(crate) fn oracle() -> Option<PathBuf> {
    std::env::var_os("EPYCLOUD_ORACLE_PYTHON").map(PathBuf::from)
}

/// The folder of shared experiments and data, where it is there.
pub(crate) fn shared_data() -> Option<PathBuf> {
    std::env::var_os("BENCH_SHARED_DATA")
        .map(PathBuf::from)
        .filter(|shared| shared.is_dir())
}

/// The Python of an environment that has the suite, if there is one.
pub(crate) fn suite_python() -> Option<PathBuf> {
    std::env::var_os(SUITE).map(PathBuf::from)
}

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or_else(|| Path::new("."))
}

/// Runs a program with an input and returns what it printed.
pub(crate) fn answer(command: &mut Command, input: &str) -> Result<String, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |source| Failure::Run {
        program: program.clone(),
        source,
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Failure::Program { program, output })
    }
}
