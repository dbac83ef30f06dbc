//! Where things are in the checkout.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or_else(|| Path::new("."))
}

/// The folder of the Python environment that tests compare with.
pub(crate) fn oracle_environment() -> PathBuf {
    root().join(".venv")
}

/// The packages of that environment, pinned.
pub(crate) fn oracle_requirements() -> PathBuf {
    root().join("tests/oracle/requirements.txt")
}

/// The folder of experiments and reference results, which a machine may lack.
pub(crate) fn shared_data() -> PathBuf {
    std::env::var_os("EPYCLOUD_SHARED_DATA")
        .map_or_else(|| root().join("../shared/data"), PathBuf::from)
}
