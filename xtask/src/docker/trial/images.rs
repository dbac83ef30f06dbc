//! The images that are built to be tried.

use std::path::PathBuf;

use super::server::{self, PrivateRepository};
use super::{Options, refusal, token};
use crate::docker::build::{self, Target};
use crate::failure::Failure;
use crate::workspace;
use epycloud_images::Engine;

/// How images are built: from a checkout of the suite, or from a private repository on this machine
/// that wants a token, which then has to be nowhere in them.
pub(super) struct Images<'a> {
    engine: &'a Engine,
    options: build::Options,
    repository: Option<PrivateRepository>,
}

impl<'a> Images<'a> {
    /// Starts what the builds read from.
    pub(super) fn prepare(engine: &'a Engine, asked: &Options) -> Result<Self, Failure> {
        let mut images = Self {
            engine,
            options: base_options(asked),
            repository: None,
        };
        if asked.suite_path.is_some() {
            return Ok(images);
        }
        let suite = workspace::root().join("tests/python/suite");
        let repository = PrivateRepository::serve(&suite)?;
        let options = &mut images.options;
        options.suite_repo = Some(server::NAME.to_owned());
        options.suite_ref = Some("main".to_owned());
        options.token = Some(repository.token().to_owned());
        // The repository is this machine's; a build's steps have a network of their own otherwise.
        options.docker = vec![
            "--network=host".to_owned(),
            "--build-arg".to_owned(),
            format!("GITHUB_SERVER_URL={}", repository.address()),
        ];
        images.repository = Some(repository);
        Ok(images)
    }

    /// How a target is built. Other images of the machine are left alone.
    pub(super) fn options(&self, target: Target) -> build::Options {
        build::Options {
            target,
            tag: Some(format!("epymodelingsuite:trial-{target}")),
            ..self.options.clone()
        }
    }

    /// Builds an image and looks for the token in it.
    pub(super) fn build(&self, target: Target) -> Result<String, Failure> {
        let options = self.options(target);
        build::run(&options)?;
        let image = options.image();
        if let Some(repository) = &self.repository {
            repository.was_asked_for_its_token()?;
            token::search(self.engine, &image, repository.token())?;
        }
        Ok(image)
    }

    /// Builds that have to fail.
    pub(super) fn refusals(&self) -> Result<(), Failure> {
        match self.repository {
            Some(_) => refusal::run(self.engine, &self.options),
            None => Ok(()),
        }
    }
}

fn base_options(asked: &Options) -> build::Options {
    build::Options {
        target: Target::Local,
        suite_path: asked.suite_path.clone(),
        suite_repo: None,
        suite_ref: None,
        tag: None,
        push: false,
        no_cache: false,
        dry_run: false,
        progress: asked.progress.clone(),
        extra_ca: std::env::var_os("SSL_CERT_FILE").map(PathBuf::from),
        profile: asked.profile.clone(),
        context: None,
        docker: Vec::new(),
        token: None,
    }
}
