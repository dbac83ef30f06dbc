//! `epycloud download`: outputs of runs to a folder.

mod fetch;
mod plan;

use epycloud_errors::{ExitCode, Report};
use epycloud_storage::Storage;
use serde::Serialize;

use self::fetch::{Outcome, fetch};
use self::plan::{Plan, Planned};
use crate::arguments::Download;
use crate::bucket::Bucket;
use crate::cloud::confirm;
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;
use crate::progress::counter;
use crate::summary::{count, size};

/// Files of a run that the plan names.
const SHOWN_FILES: usize = 12;

pub(crate) fn run(arguments: &Download, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let bucket = Bucket::open(&arguments.within, context)?;
    let plan = match block_on(Plan::make(arguments, &bucket))? {
        Ended::Itself(plan) => plan?,
        Ended::Stopped(code) => return Ok(code),
    };
    show(&plan, arguments, printer);
    if plan.files.is_empty() {
        return Err(CliError::NothingToDownload {
            patterns: plan.patterns(),
            there: plan.others,
        }
        .into());
    }
    if printer.dry_run || !confirm::asked(arguments.yes, printer)? {
        return Ok(ExitCode::Done);
    }
    match block_on(download(&plan, arguments, &bucket, printer))? {
        Ended::Itself(done) => done,
        Ended::Stopped(code) => Ok(code),
    }
}

/// What is about to happen.
fn show(plan: &Plan, arguments: &Download, printer: &Printer) {
    let title = if printer.dry_run {
        "Would download"
    } else {
        "Downloading"
    };
    let bytes: u64 = plan.files.iter().map(|file| file.bytes).sum();
    printer.heading(&format!(
        "{title} {} of {}, {}, to {}",
        count(plan.files.len(), "file"),
        count(plan.runs.len(), "run"),
        size(bytes),
        arguments.output_dir.display()
    ));
    for run in &plan.runs {
        let note = match run.others {
            0 => String::new(),
            n => format!(" (the latest of {})", n + 1),
        };
        printer.say(&format!("  {}  {}{note}", run.exp_id, run.run_id));
        let files: Vec<&Planned> = plan
            .files
            .iter()
            .filter(|file| file.exp_id == run.exp_id && file.run_id == run.run_id)
            .collect();
        for file in files.iter().take(SHOWN_FILES) {
            let name = file.from.file_name();
            printer.say(&format!("    {:>9}  {name}", size(file.bytes)));
        }
        match files.len() {
            0 => printer.warning(&format!("run {} has none of the files", run.run_id)),
            n if n > SHOWN_FILES => printer.say(&format!("    and {} more", n - SHOWN_FILES)),
            _ => {}
        }
    }
}

/// A file's fate, for scripts.
#[derive(Serialize)]
struct FileEvent<'a> {
    event: &'static str,
    exp_id: &'a str,
    run_id: &'a str,
    from: String,
    to: String,
    bytes: u64,
    outcome: &'static str,
    error: Option<String>,
}

/// All files' fates, for scripts.
#[derive(Serialize)]
struct DoneEvent {
    event: &'static str,
    downloaded: usize,
    replaced: usize,
    kept: usize,
    failed: usize,
}

async fn download(
    plan: &Plan,
    arguments: &Download,
    bucket: &Bucket,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let target = Storage::local(&arguments.output_dir)?;
    let bar = counter(plan.files.len(), printer);
    let mut done = DoneEvent {
        event: "downloads",
        downloaded: 0,
        replaced: 0,
        kept: 0,
        failed: 0,
    };
    for file in &plan.files {
        if let Some(bar) = &bar {
            bar.set_message(file.to.file_name().to_owned());
        }
        let outcome = fetch(file, &bucket.storage, &target).await;
        match &outcome {
            Outcome::Downloaded => done.downloaded += 1,
            Outcome::Replaced => done.replaced += 1,
            Outcome::Kept => done.kept += 1,
            Outcome::Failed(report) => {
                done.failed += 1;
                let say = || {
                    printer.warning(&format!("{}: {}", file.to, report.chain().join(": ")));
                };
                match &bar {
                    Some(bar) => bar.suspend(say),
                    None => say(),
                }
            }
        }
        if let Some(bar) = &bar {
            bar.inc(1);
        }
        if printer.json {
            printer.event(&FileEvent {
                event: "download",
                exp_id: file.exp_id.as_str(),
                run_id: file.run_id.as_str(),
                from: bucket.storage.url_of(&file.from),
                to: target.url_of(&file.to),
                bytes: file.bytes,
                outcome: outcome.word(),
                error: outcome.error(),
            });
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(end(&done, printer))
}

fn end(done: &DoneEvent, printer: &Printer) -> ExitCode {
    if printer.json {
        printer.event(done);
    }
    let parts: Vec<String> = [
        (done.downloaded, "downloaded"),
        (done.replaced, "replaced by newer ones"),
        (done.kept, "there already"),
        (done.failed, "failed"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    printer.heading(&parts.join(", "));
    match (done.failed, done.downloaded + done.replaced + done.kept) {
        (0, _) => ExitCode::Done,
        (_, 0) => ExitCode::Failed,
        _ => ExitCode::Partial,
    }
}
