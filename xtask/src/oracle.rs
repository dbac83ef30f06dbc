//! The Python environment that tests compare with: PyPI's epydemix and what it stands on.
//!
//! It is an oracle, not a part of the product: without Python, or without the package registry, the
//! tests that need it say that they are skipped, and the rest runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::process::{run, say};
use crate::workspace;

/// The first Python that the packages' wheels are made for and the last one tried.
const PYTHONS: [&str; 5] = [
    "python3.13",
    "python3.12",
    "python3.11",
    "python3",
    "python",
];

/// Makes or updates the environment and returns its Python, or `None` where it can't be had.
pub(crate) fn set_up() -> Result<Option<PathBuf>, Failure> {
    let folder = workspace::oracle_environment();
    let python = folder.join("bin/python");
    let marker = folder.join("requirements.installed");
    let wanted = read(&workspace::oracle_requirements())?;
    if python.exists() && std::fs::read_to_string(&marker).is_ok_and(|have| have == wanted) {
        say(&format!("oracle: {} is up to date", folder.display()));
        return Ok(Some(python));
    }
    let Some(base) = find_python() else {
        say(
            "oracle: no Python 3.11 or newer with venv on PATH; comparisons with epydemix are skipped",
        );
        return Ok(None);
    };
    if let Err(failure) = install(&base, &folder) {
        say(&format!(
            "oracle: {failure}; comparisons with epydemix are skipped"
        ));
        return Ok(None);
    }
    // The marker is written last, so that an interrupted installation is done again.
    #[expect(
        clippy::disallowed_methods,
        reason = "a torn marker only causes a reinstallation"
    )]
    std::fs::write(&marker, wanted).map_err(|source| Failure::File {
        path: marker,
        source,
    })?;
    Ok(Some(python))
}

/// Whether a program can embed this Python: it needs its shared library, and what programs are
/// linked with.
pub(crate) fn is_embeddable(python: &Path) -> bool {
    const QUERY: &str = "import os, sys, sysconfig; get = sysconfig.get_config_var; \
        folders = [get('LIBDIR'), os.path.join(get('LIBDIR'), get('MULTIARCH') or '')]; \
        files = [os.path.join(folder, get('LDLIBRARY')) for folder in folders]; \
        shared = '.so' in get('LDLIBRARY') or '.dylib' in get('LDLIBRARY'); \
        sys.exit(not (shared and any(map(os.path.exists, files))))";
    Command::new(python)
        .args(["-c", QUERY])
        .status()
        .is_ok_and(|status| status.success())
}

fn install(base: &str, folder: &Path) -> Result<(), Failure> {
    run(Command::new(base)
        .args(["-m", "venv", "--clear"])
        .arg(folder))?;
    run(Command::new(folder.join("bin/python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(workspace::oracle_requirements()))
}

fn find_python() -> Option<String> {
    let check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    PYTHONS
        .into_iter()
        .find(|python| {
            Command::new(python)
                .args(["-c", check])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
        .map(str::to_owned)
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}
