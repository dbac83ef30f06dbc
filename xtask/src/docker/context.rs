//! What a build is told about its sources: the suite's checkout, versions, and the network.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::engine::Engine;
use crate::failure::Failure;
use crate::process::{capture, run};
use crate::workspace;

/// The image that holds nothing but a checkout of the suite.
pub(super) const SUITE_IMAGE: &str = "epycloud-suite-source:local";

/// Variables of the network that builds need; those that are set go into the secret `network`, as a
/// registry's address can hold a password.
const NETWORK: [&str; 4] = [
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "CARGO_INDEX",
    "DEBIAN_MIRROR",
];

/// Docker's own build arguments: they stay out of the history, and their values out of the command
/// line, as only their names are passed.
pub(super) const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

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

/// The commit that is checked out, with `-dirty` where files differ from it.
pub(super) fn revision() -> Option<String> {
    let described = capture(
        Command::new("git")
            .args([
                "describe",
                "--always",
                "--abbrev=40",
                "--exclude=*",
                "--dirty",
            ])
            .current_dir(workspace::root()),
    );
    described.ok().map(|text| text.trim().to_owned())
}

/// The file of the secret `network`: what is set of [`NETWORK`]. It is deleted with this.
pub(super) struct NetworkFile(Option<tempfile::NamedTempFile>);

impl NetworkFile {
    pub(super) fn of_environment() -> Result<Self, Failure> {
        let lines: String = NETWORK
            .iter()
            .filter_map(|name| {
                let value = std::env::var(name).ok()?;
                (!value.is_empty()).then(|| format!("{name}={value}\n"))
            })
            .collect();
        if lines.is_empty() {
            return Ok(Self(None));
        }
        // Readable for nobody else, as all temporary files of this crate are.
        let failed = |source| Failure::File {
            path: PathBuf::from("the secret `network`"),
            source,
        };
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(lines.as_bytes()).map_err(failed)?;
        Ok(Self(Some(file)))
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(tempfile::NamedTempFile::path)
    }
}

/// Runs a command, or shows it only.
pub(super) fn run_or_show(command: &mut Command, dry_run: bool) -> Result<(), Failure> {
    if dry_run {
        crate::process::say(&format!("would run: {}", crate::process::describe(command)));
        return Ok(());
    }
    run(command)
}
