//! Builds that have to fail.

use std::process::Stdio;

use crate::docker::build;
use crate::failure::Failure;
use crate::process::say;
use crate::workspace;
use epycloud_images::Engine;

/// A token as a build argument is refused with the way to pass it, and a suite that isn't there
/// fails the build.
pub(super) fn run(engine: &Engine, building: &build::Options) -> Result<(), Failure> {
    for (what, argument, said) in [
        (
            "a token as a build argument",
            "GITHUB_PAT=anything",
            "--secret id=github_pat",
        ),
        (
            "no suite",
            "GITHUB_MODELING_SUITE_REPO=",
            "no epymodelingsuite",
        ),
    ] {
        let output = engine
            .command()
            .args(["build", "--progress=plain", "--target=suite", "--file"])
            .arg(workspace::root().join("docker/Dockerfile"))
            .args(&building.docker)
            .args(["--build-arg", argument])
            .arg(workspace::root())
            .stdin(Stdio::null())
            .output()
            .map_err(|source| Failure::Start {
                program: "docker build".into(),
                source,
            })?;
        let log = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !log.contains(said) {
            return Err(Failure::unmet(format!(
                "a build with {what} ended with {} and didn't say `{said}`",
                output.status
            )));
        }
        say(&format!("refused: {what}"));
    }
    Ok(())
}
