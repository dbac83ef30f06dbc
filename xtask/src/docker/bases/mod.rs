//! `cargo xtask docker-bases`: stand-ins for the public base images.
//!
//! For a machine with a Docker daemon that reaches no container registry: they carry the names that
//! the Dockerfile starts from, so that it is built unmodified. They are made from Debian's packages,
//! PyPI's uv, and the Rust toolchain, the Python and the gcloud CLI of the machine, laid out as the
//! public images lay them out. They are for trying the Dockerfile, not for publishing what comes out.

mod files;
mod gcloud;
mod python;
mod rust;
mod system;
mod uv;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use super::names::BaseImages;
use crate::failure::Failure;
use crate::process::{run as run_shown, say};
use crate::workspace;
use epycloud_images::Engine;

/// Marks a stand-in, and tells it from the public image of the same name.
const LABEL: &str = "org.epycloud.stand-in";
/// What the stand-ins stand on.
const SYSTEM: &str = "debian:bookworm-slim";

#[derive(Args)]
pub(crate) struct Options {
    /// Makes the one for the target `cloud` too (from the machine's gcloud CLI).
    #[arg(long)]
    cloud: bool,
    /// Takes the public images where a registry can be reached, and makes stand-ins where none can.
    #[arg(long)]
    pull: bool,
    /// Makes them again, in the place of those that are there.
    #[arg(long)]
    force: bool,
}

/// Makes those that aren't there.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let engine = Engine::find(&epycloud_config::Environment::from_process())?;
    let images = BaseImages::read()?;
    let bases = Bases {
        engine,
        force: options.force,
        pull: options.pull,
    };
    bases.make(SYSTEM, |_| system::import(&bases.engine, SYSTEM))?;
    bases.make(&images.python, |folder| {
        python::collect(images.python_version(), folder)?;
        bases.build(&images.python, folder)
    })?;
    bases.make(&images.rust, |folder| {
        rust::collect(folder)?;
        bases.build(&images.rust, folder)
    })?;
    bases.make(&images.uv, |folder| {
        uv::collect(images.uv_version(), folder)?;
        bases.build(&images.uv, folder)
    })?;
    if options.cloud {
        bases.make(&images.gcloud, |folder| {
            gcloud::collect(folder)?;
            bases.build(&images.gcloud, folder)
        })?;
    }
    Ok(())
}

/// Whether every base of a target is there, stand-in or not.
pub(super) fn missing(engine: &Engine, cloud: bool) -> Result<Vec<String>, Failure> {
    let images = BaseImages::read()?;
    let mut names = vec![images.python, images.rust, images.uv];
    if cloud {
        names.push(images.gcloud);
    }
    names.retain(|name| engine.inspect(name, "{{.Id}}").is_none());
    Ok(names)
}

struct Bases {
    engine: Engine,
    force: bool,
    pull: bool,
}

impl Bases {
    /// Makes an image in an empty folder, unless there is one of its name.
    fn make(
        &self,
        image: &str,
        make: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.engine.inspect(image, "{{json .Config.Labels}}") {
            Some(labels) if !labels.contains(LABEL) => {
                say(&format!("bases: {image} is the public one; left as it is"));
                return Ok(());
            }
            Some(_) if !self.force => {
                say(&format!("bases: {image} is there"));
                return Ok(());
            }
            _ => {}
        }
        if self.pull && self.pulled(image) {
            say(&format!("bases: {image} comes from its registry"));
            return Ok(());
        }
        say(&format!("bases: making a stand-in for {image}"));
        let folder = scratch(image)?;
        make(&folder)?;
        files::remove(&folder)
    }

    fn pulled(&self, image: &str) -> bool {
        self.engine
            .command()
            .args(["pull", "--quiet", image])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn build(&self, image: &str, folder: &Path) -> Result<(), Failure> {
        run_shown(
            self.engine
                .command()
                .args(["build", "--quiet", "--tag", image])
                .args([
                    "--label",
                    &format!("{LABEL}=made by cargo xtask docker-bases"),
                ])
                .arg(folder)
                .stdout(Stdio::null()),
        )
    }
}

/// An empty folder in `target`.
fn scratch(image: &str) -> Result<PathBuf, Failure> {
    let name: String = image
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let folder = workspace::root().join("target/docker/bases").join(name);
    files::remove(&folder)?;
    files::make_folder(&folder)?;
    Ok(folder)
}

/// Whether a program can be started.
fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}
