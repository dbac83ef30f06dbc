//! `cargo xtask slurm-cluster`: a cluster of one node, on this machine.

use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace;

/// Installs, configures and starts Slurm.
pub(crate) fn start() -> Result<(), Failure> {
    process::run(&mut Command::new(
        workspace::root().join("tests/slurm/start"),
    ))
}
