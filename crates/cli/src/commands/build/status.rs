//! `epycloud build status`.

use epycloud_errors::{ExitCode, Report};
use epycloud_google::cloud_build::{Build, Builds, list};
use serde::Serialize;

use crate::arguments::BuildStatus;
use crate::cloud::{Cloud, show};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::printer::Printer;

/// Shows the latest builds of the project's region.
pub(super) fn run(which: &BuildStatus, context: &Context) -> Result<ExitCode, Report> {
    let cloud = Cloud::required(context)?;
    let client = cloud.client()?;
    let request = list(&cloud.place, None);
    let is_wanted = |build: &Build| !which.ongoing || build.status.is_active();
    let found = block_on(async {
        client
            .list_some::<Builds>(&request, is_wanted, which.limit as usize)
            .await
    })?;
    match found {
        Ended::Itself(found) => told(&found?, &context.printer),
        Ended::Stopped(code) => return Ok(code),
    }
    Ok(ExitCode::Done)
}

fn told(found: &[Build], printer: &Printer) {
    if printer.json {
        for build in found {
            printer.event(&Listed::of(build));
        }
        return;
    }
    if found.is_empty() {
        printer.say("no builds");
        return;
    }
    let mut table = show::table(&["build", "status", "began", "ended", "image"]);
    for build in found {
        table.add_row([
            build.id.clone(),
            show::state(build.status.as_str()),
            show::time(build.start_time.as_deref().or(build.create_time.as_deref())),
            show::time(build.finish_time.as_deref()),
            build.images.join(" "),
        ]);
    }
    printer.data(&table.to_string());
}

#[derive(Serialize)]
struct Listed<'a> {
    event: &'static str,
    id: &'a str,
    status: &'a str,
    start_time: Option<&'a str>,
    finish_time: Option<&'a str>,
    images: &'a [String],
    log_url: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn of(build: &'a Build) -> Self {
        Self {
            event: "build",
            id: &build.id,
            status: build.status.as_str(),
            start_time: build.start_time.as_deref(),
            finish_time: build.finish_time.as_deref(),
            images: &build.images,
            log_url: build.log_url.as_deref(),
        }
    }
}
