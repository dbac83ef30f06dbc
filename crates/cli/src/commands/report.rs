//! `epycloud report`: a run's report, written again.

use epycloud_errors::{ExitCode, Report};
use serde::Serialize;

use super::runs;
use super::runtime::{Ended, block_on};
use crate::arguments::ReportOf;
use crate::context::Context;

pub(crate) fn run(arguments: &ReportOf, context: &Context) -> Result<ExitCode, Report> {
    match block_on(write(arguments, context))? {
        Ended::Itself(written) => written,
        Ended::Stopped(code) => Ok(code),
    }
}

async fn write(arguments: &ReportOf, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let place = runs::find(&arguments.which, &context.stage_environment()?).await?;
    if printer.dry_run {
        let path = place.storage.url_of(&place.layout.report());
        printer.say(&format!("Would write {path}"));
        return Ok(ExitCode::Done);
    }
    let path = epycloud_report::write(&place.storage, &place.layout).await?;
    let path = place.storage.url_of(&path);
    if printer.json {
        printer.event(&Written {
            event: "report",
            run_id: place.found.record.run_id.as_str(),
            path: &path,
        });
    }
    printer.say(&format!("report in {path}"));
    Ok(ExitCode::Done)
}

#[derive(Serialize)]
struct Written<'a> {
    event: &'static str,
    run_id: &'a str,
    path: &'a str,
}
