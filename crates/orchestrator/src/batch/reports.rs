//! What stages A and C have left in the bucket, in place of what they would have said here.

use std::collections::BTreeMap;

use epycloud_config::{FileName, Stage};
use epycloud_errors::ExitCode;
use epycloud_google::batch::Job;
use epycloud_stages::output::OutputIndex;
use epycloud_stages::telemetry::{Status, Summary, Times};
use epycloud_stages::{BuilderReport, OutputReport, StageRun, TaskList};
use epycloud_storage::Summary as SummaryPath;
use jiff::Timestamp;

use crate::error::OrchestratorError;
use crate::workflow::in_stage;

/// What stage A has done. Which inputs were there before isn't told: all count as written.
pub(super) async fn built(run: &StageRun) -> Result<BuilderReport, OrchestratorError> {
    let list = TaskList::load(run).await;
    let list = list.map_err(in_stage(Stage::Builder))?;
    let summary = load(run, &SummaryPath::Builder).await.unwrap_or_default();
    Ok(BuilderReport {
        run_id: run.settings.run_id.clone(),
        n: list.n(),
        written: list.n(),
        workflow: list.manifest.workflow,
        commit: list.tasks.commit,
        manifest_sha256: list.tasks.manifest_sha256,
        unchanged: false,
        warnings: summary.warnings,
        duration_secs: summary.builder.times.duration_seconds.unwrap_or_default(),
    })
}

/// What stage C has written. `failures` say of tasks that it lacks how they failed.
pub(super) async fn written(
    run: &StageRun,
    failures: &BTreeMap<u32, String>,
) -> Result<OutputReport, OrchestratorError> {
    let unreadable = || OrchestratorError::record("read what stage C has written");
    let path = run.layout.summary_json(&SummaryPath::Output);
    let summary: Summary = run.storage.load_json(&path).await.map_err(unreadable())?;
    let folder = folder(&summary).ok_or_else(|| OrchestratorError::StageElsewhere {
        letter: Stage::Output.letter(),
        chain: vec![format!(
            "`{}` names no folder of outputs",
            run.storage.url_of(&path)
        )],
        hint: None,
        exit_code: ExitCode::Failed,
    })?;
    let index = run.layout.output_index(&folder);
    let index: OutputIndex = run.storage.load_json(&index).await.map_err(unreadable())?;
    let mut missing = index.tasks.missing;
    for task in &mut missing {
        if task.failure.is_none() {
            task.failure = failures.get(&task.index).cloned();
        }
    }
    Ok(OutputReport {
        url: run.storage.url_of(&run.layout.outputs(&folder)),
        folder,
        files: index.files,
        n: index.n,
        missing,
        warnings: summary.warnings,
        headline: Vec::new(),
        duration_secs: summary.output.times.duration_seconds.unwrap_or_default(),
    })
}

/// The folder's name, without `outputs/` before it.
fn folder(summary: &Summary) -> Option<FileName> {
    let folder = summary.output.folder.as_deref()?;
    folder.rsplit('/').next()?.parse().ok()
}

/// How a stage says that it has failed, if it did so in this job.
pub(super) async fn failure(run: &StageRun, stage: Stage, job: &Job) -> Option<Vec<String>> {
    let which = match stage {
        Stage::Builder => SummaryPath::Builder,
        Stage::Output => SummaryPath::Output,
        Stage::Runner => return None,
    };
    let summary = load(run, &which).await?;
    let times = match stage {
        Stage::Builder => &summary.builder.times,
        _ => &summary.output.times,
    };
    let is_told = summary.status == Status::Failed && is_of(times, job);
    summary.error.filter(|_| is_told).map(|error| error.chain)
}

/// Whether a summary may be of a job: an earlier one has left its own.
pub(super) fn is_of(times: &Times, job: &Job) -> bool {
    let time = |text: Option<&String>| text.and_then(|text| text.parse::<Timestamp>().ok());
    match (
        time(times.start_time.as_ref()),
        time(job.create_time.as_ref()),
    ) {
        (Some(started), Some(created)) => started >= created,
        _ => true,
    }
}

async fn load(run: &StageRun, which: &SummaryPath) -> Option<Summary> {
    let path = run.layout.summary_json(which);
    run.storage.load_json(&path).await.ok()
}
