//! `epycloud build cloud`.

use std::time::Duration;

use epycloud_config::SecretName;
use epycloud_errors::{ExitCode, Report};
use epycloud_google::Client;
use epycloud_google::cloud_build::{Build, BuildStatus, ImageBuild, Submitted, create, get};
use serde::Serialize;

use super::files::Files;
use super::{folder, plan, suite};
use crate::arguments::BuildCloud;
use crate::cloud::{Cloud, confirm};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::printer::Printer;
use crate::tool_error::ToolError;

/// How often Cloud Build is asked how a build stands.
const POLL: Duration = Duration::from_secs(10);
/// When a build is ended, in seconds.
const TIMEOUT_SECS: u32 = 3600;
/// A machine that compiles the programs in a quarter of an hour.
const MACHINE: &str = "E2_HIGHCPU_8";

/// Submits the build of the folder, or of the commit that is checked out in it.
pub(super) fn run(how: &BuildCloud, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let cloud = Cloud::required(context)?;
    let files = Files::of(how, &folder(&how.what, context), &cloud, context)?;
    let build = image_build(how, &cloud, &files, context)?;
    plan(
        printer,
        &format!("{}:{} with Cloud Build", build.image, build.tag),
        &[
            ("project", cloud.place.project.to_string()),
            files.row(),
            ("Dockerfile", build.dockerfile.clone()),
            ("suite", suite(&cloud.configuration)),
            ("cache", if how.cache { "yes" } else { "no" }.to_owned()),
        ],
    );
    files.warn(printer);
    if printer.dry_run || !confirm::asked(how.yes, printer)? {
        return Ok(ExitCode::Done);
    }
    let client = cloud.client()?;
    let ended = block_on(async {
        files.send().await?;
        submit(&build, how.wait, &client, printer).await
    })?;
    match ended {
        Ended::Itself(code) => code,
        Ended::Stopped(code) => Ok(code),
    }
}

fn image_build(
    how: &BuildCloud,
    cloud: &Cloud,
    files: &Files,
    context: &Context,
) -> Result<ImageBuild, Report> {
    let values = cloud.configuration.values();
    let project = &cloud.place.project;
    let tag = how.what.tag.as_ref().unwrap_or(&values.docker.image_tag);
    let full = values.docker.image(project, tag);
    let image = full.strip_suffix(&format!(":{tag}")).unwrap_or(&full);
    // Whoever has a token has repositories that need it; in the cloud it is Secret Manager's.
    let secret = values.google_cloud.github_pat_secret.clone().or_else(|| {
        let token = context.github_token(&cloud.configuration);
        token.map(|_| SecretName::default())
    });
    let suite = values.github.modeling_suite_repo.clone();
    Ok(ImageBuild {
        place: cloud.place.clone(),
        source: files.source(),
        image: image.to_owned(),
        tag: tag.to_string(),
        dockerfile: files.dockerfile(how.what.dockerfile.as_deref())?,
        suite_ref: suite
            .is_some()
            .then(|| values.github.modeling_suite_ref.clone()),
        suite_repo: suite,
        token_secret: secret.map(|name| (project.clone(), name)),
        cache: how.cache,
        timeout_secs: TIMEOUT_SECS,
        machine_type: Some(MACHINE.to_owned()),
    })
}

async fn submit(
    build: &ImageBuild,
    wait: bool,
    client: &Client,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let submitted: Submitted = client.send(&create(build)).await?;
    let mut found = submitted.into_build();
    told(&found, printer);
    if !wait {
        printer.say("`epycloud build status` shows how it stands");
        return Ok(ExitCode::Done);
    }
    while found.status.is_active() {
        tokio::time::sleep(POLL).await;
        let before = found.status.clone();
        found = client.send(&get(&build.place, &found.id)).await?;
        if found.status != before {
            told(&found, printer);
        }
    }
    if found.status == BuildStatus::Success {
        return Ok(ExitCode::Done);
    }
    Err(ToolError::Build {
        id: found.id,
        status: found.status.as_str().to_owned(),
        log: found.log_url,
    }
    .into())
}

fn told(build: &Build, printer: &Printer) {
    printer.say(&format!("build {} is {}", build.id, build.status.as_str()));
    if printer.json {
        printer.event(&Submission {
            event: "build",
            id: &build.id,
            status: build.status.as_str(),
            log_url: build.log_url.as_deref(),
        });
    }
}

#[derive(Serialize)]
struct Submission<'a> {
    event: &'static str,
    id: &'a str,
    status: &'a str,
    log_url: Option<&'a str>,
}
