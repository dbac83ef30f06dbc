//! `cargo xtask docker-test`: an image built and tried as its users use it.

mod commands;
mod measure;
mod outputs;
mod project;
mod refusal;
mod server;
mod token;
mod users;

use std::path::PathBuf;

use clap::Args;

use super::build::{self, Target};
use super::engine::Engine;
use super::structure;
use crate::failure::Failure;
use crate::process::say;
use crate::workspace;

use project::Experiment;
use server::PrivateRepository;

/// The image that is built to be tried; others of the machine are left alone.
const IMAGE: &str = "epymodelingsuite:trial";

#[derive(Args)]
pub(crate) struct Options {
    /// A checkout of epymodelingsuite, of which only the structure is tried [default: the small suite
    /// of the tests, fetched with a token from a private repository on this machine].
    #[arg(long, value_name = "FOLDER")]
    suite_path: Option<PathBuf>,
    /// Tries an image that is there instead of building one.
    #[arg(long, value_name = "NAME:TAG")]
    image: Option<String>,
    /// Which image to build.
    #[arg(long, value_enum, default_value_t = Target::Local)]
    target: Target,
    /// Cargo's profile for the image's programs.
    #[arg(long, default_value = "release")]
    profile: String,
    /// How the build's progress is shown.
    #[arg(long, default_value = "auto", value_parser = ["auto", "plain", "tty"])]
    progress: String,
}

/// Builds an image and runs every trial on it; the first that fails ends it.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let engine = Engine::find()?;
    let image = match &options.image {
        Some(image) => image.clone(),
        None => build_image(&engine, options)?,
    };
    structure::run(&structure::Options {
        image: image.clone(),
        config: Vec::new(),
    })?;
    commands::run(&engine, &image, &Experiment::native())?;
    match (&options.suite_path, Experiment::python()?) {
        (None, Some(experiment)) => commands::run(&engine, &image, &experiment)?,
        (None, None) => say("skipped: the python engine: there is no Python outside containers"),
        (Some(_), _) => say("skipped: the python engine: its trial is of the tests' small suite"),
    }
    users::run(&engine, &image)?;
    measure::start(&engine, &image)?;
    measure::sizes(&engine, &image)?;
    say(&format!("docker-test: {image} passed every trial"));
    Ok(())
}

/// Builds the image: from a checkout, or from a private repository that wants a token.
fn build_image(engine: &Engine, options: &Options) -> Result<String, Failure> {
    let mut building = build::Options {
        target: options.target,
        suite_path: options.suite_path.clone(),
        suite_repo: None,
        suite_ref: None,
        tag: Some(IMAGE.to_owned()),
        push: false,
        no_cache: false,
        dry_run: false,
        progress: options.progress.clone(),
        extra_ca: std::env::var_os("SSL_CERT_FILE").map(PathBuf::from),
        profile: options.profile.clone(),
        docker: Vec::new(),
        token: None,
    };
    if options.suite_path.is_some() {
        build::run(&building)?;
        return Ok(IMAGE.to_owned());
    }
    let suite = workspace::root().join("tests/python/suite");
    let repository = PrivateRepository::serve(&suite)?;
    building.suite_repo = Some(server::NAME.to_owned());
    building.suite_ref = Some("main".to_owned());
    building.token = Some(repository.token().to_owned());
    // The repository is this machine's; a build's steps have a network of their own otherwise.
    building.docker = vec![
        "--network=host".to_owned(),
        "--build-arg".to_owned(),
        format!("GITHUB_SERVER_URL={}", repository.address()),
    ];
    build::run(&building)?;
    repository.was_asked_for_its_token()?;
    token::search(engine, IMAGE, repository.token())?;
    refusal::run(engine, &building)?;
    Ok(IMAGE.to_owned())
}
