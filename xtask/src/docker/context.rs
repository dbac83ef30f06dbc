//! What a build is told about its sources: the suite's checkout.

use std::path::Path;
use std::process::Command;

use epycloud_images::Engine;

use crate::failure::Failure;
use crate::process::run;
use crate::workspace;

/// The image that holds nothing but a checkout of the suite.
pub(super) const SUITE_IMAGE: &str = "epycloud-suite-source:local";

/// The command that makes an image of a checkout of the suite.
pub(super) fn suite_image(engine: &Engine, checkout: &Path) -> Result<Command, Failure> {
    if !checkout.join("pyproject.toml").is_file() {
        return Err(Failure::missing(format!(
            "`{}` is no checkout of epymodelingsuite: it has no pyproject.toml",
            checkout.display()
        )));
    }
    let mut command = engine.command();
    command
        .args(["build", "--quiet", "--tag", SUITE_IMAGE, "--file"])
        .arg(workspace::root().join("docker/suite.Dockerfile"))
        .arg(checkout);
    Ok(command)
}

/// Runs a command, or shows it only.
pub(super) fn run_or_show(command: &mut Command, dry_run: bool) -> Result<(), Failure> {
    if dry_run {
        crate::process::say(&format!("would run: {}", crate::process::describe(command)));
        return Ok(());
    }
    run(command)
}
