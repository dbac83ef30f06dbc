//! Writing the summary of a stage, whether it went well or not.

use epycloud_errors::{Diagnose, chain};
use epycloud_storage::Summary as SummaryPath;
use jiff::Timestamp;
use tracing::warn;

use crate::error::StageError;
use crate::run::StageRun;
use crate::telemetry::{Failure, Metadata, Status, Summary};

/// The summary of a stage before it has done anything.
pub(crate) fn new_summary(run: &StageRun) -> Summary {
    Summary {
        metadata: Metadata {
            process_id: std::process::id(),
            engine: Some(run.engine.name()),
            engine_version: Some(run.engine.version()),
            ..Metadata::default()
        },
        ..Summary::default()
    }
}

/// Sets how a stage ended, and with which versions of what isn't ours.
pub(crate) fn close(
    run: &StageRun,
    summary: &mut Summary,
    seconds: f64,
    failure: Option<&StageError>,
) {
    if failure.is_none() {
        let mut versions = run.engine.versions();
        summary.metadata.python_version = versions.remove("python");
        summary.metadata.epymodelingsuite_version = versions.remove("epymodelingsuite");
    }
    summary.total_duration_seconds = Some(seconds);
    summary.metadata.total_duration_seconds = Some(seconds);
    match failure {
        None if summary.status == Status::Running => summary.status = Status::Completed,
        None => {}
        Some(error) => {
            summary.status = Status::Failed;
            summary.error = Some(Failure {
                chain: chain(error),
                exit_code: error.exit_code().code(),
            });
        }
    }
}

/// Stores a summary as JSON and as text. That it can't be stored is a warning: the stage's own
/// work is done.
pub(crate) async fn save(run: &StageRun, which: &SummaryPath, summary: &Summary) {
    let text = summary.to_text(Timestamp::now());
    let saved = run
        .storage
        .save_summary(&run.layout, which, summary, &text)
        .await;
    if let Err(error) = saved {
        warn!(
            "could not store the telemetry summary: {}",
            chain(&error).join(": ")
        );
    }
}
