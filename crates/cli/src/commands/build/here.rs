//! `epycloud build local` and `epycloud build dev`.

use epycloud_config::user::Configuration;
use epycloud_errors::{ExitCode, Report};
use epycloud_images::{Engine, ImageBuild, NetworkFile, revision};
use serde::Serialize;

use super::{folder, plan, suite};
use crate::arguments::{BuildDev, BuildLocal, BuildWhat};
use crate::context::Context;
use crate::program;

/// The tag of an image for this machine, the one that Compose looks for.
const DEV_TAG: &str = "local";

/// Builds the image of the cloud and pushes it.
pub(super) fn local(how: &BuildLocal, context: &Context) -> Result<ExitCode, Report> {
    let configuration = context.configuration()?;
    let docker = &configuration.values().docker;
    let tag = how.what.tag.as_ref().unwrap_or(&docker.image_tag);
    let image = docker.image(configuration.project_id()?, tag);
    let build = image_build(
        &how.what,
        "cloud",
        image,
        !how.no_cache,
        &configuration,
        context,
    );
    build_and_push(&build, !how.no_push, &configuration, context)
}

/// Builds the image of this machine.
pub(super) fn dev(how: &BuildDev, context: &Context) -> Result<ExitCode, Report> {
    let configuration = context.configuration()?;
    let tag = how.what.tag.as_ref().map_or(DEV_TAG, AsRef::as_ref);
    let image = format!("{}:{tag}", configuration.values().docker.image_name);
    let build = image_build(
        &how.what,
        "local",
        image,
        how.cache,
        &configuration,
        context,
    );
    build_and_push(&build, how.push, &configuration, context)
}

fn image_build(
    what: &BuildWhat,
    target: &str,
    image: String,
    cache: bool,
    configuration: &Configuration,
    context: &Context,
) -> ImageBuild {
    let folder = folder(what, context);
    let github = &configuration.values().github;
    let mut arguments = vec![("VERSION", env!("CARGO_PKG_VERSION").to_owned())];
    arguments.extend(revision(&folder).map(|commit| ("REVISION", commit)));
    if let Some(repository) = &github.modeling_suite_repo {
        arguments.push(("GITHUB_MODELING_SUITE_REPO", repository.to_string()));
        arguments.push((
            "GITHUB_MODELING_SUITE_REF",
            github.modeling_suite_ref.to_string(),
        ));
    }
    ImageBuild {
        context: folder,
        dockerfile: what.dockerfile.clone(),
        target: target.to_owned(),
        image,
        arguments,
        cache,
        progress: "auto".to_owned(),
        token: context.github_token(configuration),
        certificates: context.caller().get("SSL_CERT_FILE").map(Into::into),
        more: Vec::new(),
    }
}

fn build_and_push(
    build: &ImageBuild,
    push: bool,
    configuration: &Configuration,
    context: &Context,
) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    build.check()?;
    plan(
        printer,
        &build.image,
        &[
            ("from", build.context.display().to_string()),
            ("Dockerfile", build.dockerfile().display().to_string()),
            ("target", build.target.clone()),
            ("suite", suite(configuration)),
            ("cache", said(build.cache)),
            ("push", said(push)),
        ],
    );
    let engine = Engine::find(context.caller())?;
    let network = NetworkFile::of(context.caller())?;
    let mut steps = vec![build.command(&engine, context.caller(), &network)];
    if push {
        let mut command = engine.command();
        command.args(["push", &build.image]);
        steps.push(command);
    }
    for step in &mut steps {
        if printer.dry_run {
            printer.say(&format!("would run: {}", program::shown(step)));
        } else {
            program::run(step)?;
        }
    }
    if !printer.dry_run {
        printer.say(&format!("built {}", build.image));
        if printer.json {
            printer.event(&Built {
                event: "built",
                image: &build.image,
                pushed: push,
            });
        }
    }
    Ok(ExitCode::Done)
}

fn said(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

#[derive(Serialize)]
struct Built<'a> {
    event: &'static str,
    image: &'a str,
    pushed: bool,
}
