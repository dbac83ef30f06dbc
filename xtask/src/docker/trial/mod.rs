//! `cargo xtask docker-test`: images built and tried as their users use them.

mod cache;
mod commands;
mod executor;
mod images;
mod measure;
mod outputs;
mod project;
mod refusal;
mod registry;
mod server;
mod token;
mod users;

use std::path::PathBuf;

use clap::Args;

use super::build::Target;
use super::structure;
use crate::failure::Failure;
use crate::process::say;
use epycloud_images::Engine;

use images::Images;
use project::Experiment;

#[derive(Args)]
pub(crate) struct Options {
    /// A checkout of epymodelingsuite, of which only the structure is tried [default: the small suite
    /// of the tests, fetched with a token from a private repository on this machine].
    #[arg(long, value_name = "FOLDER")]
    suite_path: Option<PathBuf>,
    /// Tries an image that is there instead of building any.
    #[arg(long, value_name = "NAME:TAG", conflicts_with = "target")]
    image: Option<String>,
    /// Which images to build; stages are run in the first of them.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "local")]
    target: Vec<Target>,
    /// Builds every image once, without the trials of the build's cache and of pushing.
    #[arg(long)]
    once: bool,
    /// Cargo's profile for the image's programs.
    #[arg(long, default_value = "release")]
    profile: String,
    /// How the build's progress is shown.
    #[arg(long, default_value = "auto", value_parser = ["auto", "plain", "tty"])]
    progress: String,
}

/// Builds images and runs every trial on them; the first that fails ends it.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let engine = Engine::find(&epycloud_config::Environment::from_process())?;
    if let Some(image) = &options.image {
        inspect(&engine, image, None)?;
        stages(&engine, image, options)?;
        return passed(image);
    }
    let images = Images::prepare(&engine, options)?;
    for (position, target) in options.target.iter().enumerate() {
        let image = images.build(*target)?;
        inspect(&engine, &image, Some(*target))?;
        if position == 0 {
            images.refusals()?;
            stages(&engine, &image, options)?;
            if !options.once {
                cache::run(&engine, &images.options(*target))?;
                registry::run(&engine, &images.options(*target))?;
            }
        }
        passed(&image)?;
    }
    Ok(())
}

/// What can be seen of an image from outside.
fn inspect(engine: &Engine, image: &str, target: Option<Target>) -> Result<(), Failure> {
    structure::run(&structure::Options {
        image: image.to_owned(),
        config: target.map(structure::files_of).unwrap_or_default(),
    })?;
    measure::sizes(engine, image)
}

/// What an image does.
fn stages(engine: &Engine, image: &str, options: &Options) -> Result<(), Failure> {
    commands::run(engine, image, &Experiment::native())?;
    match (&options.suite_path, Experiment::python()?) {
        (None, Some(experiment)) => commands::run(engine, image, &experiment)?,
        (None, None) => say("skipped: the python engine: there is no Python outside containers"),
        (Some(_), _) => say("skipped: the python engine: its trial is of the tests' small suite"),
    }
    users::run(engine, image)?;
    measure::start(engine, image)
}

fn passed(image: &str) -> Result<(), Failure> {
    say(&format!("docker-test: {image} passed every trial"));
    Ok(())
}
