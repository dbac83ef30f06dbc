//! Stage C: results become outputs.

mod folder;
mod index;
mod missing;
mod results;
mod sink;

use epycloud_config::yaml::Document;
use epycloud_config::{FileName, TaskIndex, discover};
use epycloud_storage::{SaveOptions, Summary as SummaryPath};
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

pub use index::{IncludedTasks, IndexedFile, OutputIndex};
pub use missing::MissingTask;

use crate::engine::{HeadlineRow, OutputSummary};
use crate::error::StageError;
use crate::report;
use crate::run::StageRun;
use crate::tasks::TaskList;
use crate::telemetry::{self, Clock, OutputFile, OutputSection, Status, Summary};

/// How many runners' summaries are read at the same time.
const CONCURRENT_READS: usize = 16;

/// What stage C has done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputReport {
    /// The folder below the run's `outputs/`.
    pub folder: FileName,
    /// Where that is, in full.
    pub url: String,
    /// The files in it, `index.json` left out.
    pub files: Vec<IndexedFile>,
    /// Number of tasks.
    pub n: u32,
    /// The tasks that the outputs lack; none unless partial results were allowed.
    pub missing: Vec<MissingTask>,
    /// What probably isn't meant.
    pub warnings: Vec<String>,
    /// The main transition of the first tasks in a few numbers.
    pub headline: Vec<HeadlineRow>,
    /// How long it took, in seconds.
    pub duration_secs: f64,
}

impl OutputReport {
    /// Whether tasks are missing: the process ends with
    /// [`ExitCode::Partial`](epycloud_errors::ExitCode::Partial) then.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.missing.is_empty()
    }
}

/// Runs stage C: reads the results one by one while the engine writes the outputs, and last
/// `index.json`, without which the folder counts as unfinished. Then it stores the telemetry
/// summaries of the stage and of the workflow, also when it fails.
///
/// A result counts only if it came from the input that the manifest lists. Without
/// `allow_partial_results`, one that is missing or can't be used fails the stage, which names
/// them all; with it, they are named in the log, the index and the report.
///
/// # Errors
/// When stage A hasn't finished, the output configuration is invalid, results can't be used, the
/// engine fails, or the storage does.
pub async fn run_output(run: &StageRun) -> Result<OutputReport, StageError> {
    let clock = Clock::start();
    run.engine.prepare();
    let mut summary = report::new_summary(run);
    let list = TaskList::load(run).await;
    let (outcome, list) = match list {
        Ok(list) => (write(run, &clock, &list).await, Some(list)),
        // There is no such run; a summary would make it look like one.
        Err(error @ (StageError::NotBuilt { .. } | StageError::OnlyNumTasks { .. })) => {
            return Err(error);
        }
        Err(error) => (Err(error), None),
    };
    let (times, resources) = clock.read();
    let seconds = times.duration_seconds.unwrap_or_default();
    summary.output = section(&outcome);
    summary.output.times = times;
    summary.resources = resources;
    if let Ok(report) = &outcome {
        summary.warnings.clone_from(&report.warnings);
        if report.is_partial() {
            summary.status = Status::Partial;
        }
    }
    report::close(run, &mut summary, seconds, outcome.as_ref().err());
    report::save(run, &SummaryPath::Output, &summary).await;
    save_workflow(run, list.as_ref(), &summary).await;
    outcome
}

async fn write(run: &StageRun, clock: &Clock, list: &TaskList) -> Result<OutputReport, StageError> {
    let config = output_config(run)?;
    let folder = folder::free(run, clock.started(), &config).await?;
    info!("writing outputs of {} tasks to `{folder}`", list.n());
    let made = results::through_engine(run, list, &config, &folder).await?;
    for warning in &made.summary.warnings {
        warn!("{warning}");
    }
    let mut files = made.files;
    files.push(copy_config(run, &folder, &config).await?);
    let index = OutputIndex::new(run, list, &files, &made.missing);
    run.storage
        .save_json(&run.layout.output_index(&folder), &index)
        .await
        .map_err(StageError::storage("store the index of the outputs"))?;
    let url = run.storage.url_of(&run.layout.outputs(&folder));
    info!(
        files = files.len(),
        missing = made.missing.len(),
        "stage C is done: {url}"
    );
    let OutputSummary {
        mut warnings,
        headline,
    } = made.summary;
    warnings.extend(made.missing.iter().map(|task| format!("left out: {task}")));
    Ok(OutputReport {
        folder,
        url,
        files,
        n: list.n(),
        missing: made.missing,
        warnings,
        headline,
        duration_secs: clock.elapsed_secs(),
    })
}

/// The output configuration, as it is in the repository now: outputs can be written again with
/// another one.
fn output_config(run: &StageRun) -> Result<Document, StageError> {
    let settings = &run.settings;
    let experiment = discover(
        &settings.sources.repository,
        &settings.exp_id,
        settings.output_config_file.as_ref(),
    )
    .map_err(|source| StageError::Discovery {
        source: Box::new(source),
    })?;
    experiment.output.ok_or_else(|| StageError::NoOutputConfig {
        experiment: settings.exp_id.to_string(),
    })
}

/// Copies the output configuration beside what it made, byte for byte.
async fn copy_config(
    run: &StageRun,
    folder: &FileName,
    config: &Document,
) -> Result<IndexedFile, StageError> {
    let name = config
        .file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let file: FileName = name
        .parse()
        .map_err(|source| StageError::ConfigName { source })?;
    let saved = run
        .storage
        .save_bytes(
            &run.layout.output_file(folder, &file),
            config.bytes.clone(),
            &SaveOptions::as_is(),
        )
        .await
        .map_err(StageError::storage("store the output configuration"))?;
    IndexedFile::new(&file, &saved)
}

fn section(outcome: &Result<OutputReport, StageError>) -> OutputSection {
    let Ok(report) = outcome else {
        return OutputSection::default();
    };
    let files: Vec<_> = report
        .files
        .iter()
        .map(|file| OutputFile {
            name: file.name.to_string(),
            size_bytes: file.bytes,
        })
        .collect();
    OutputSection {
        total_size_bytes: Some(files.iter().map(|file| file.size_bytes).sum()),
        files: Some(files),
        folder: Some(format!("outputs/{}", report.folder)),
        ..OutputSection::default()
    }
}

/// Merges the summaries of all stages; those that aren't there are left out.
async fn save_workflow(run: &StageRun, list: Option<&TaskList>, output: &Summary) {
    let load = |which: SummaryPath| async move {
        run.storage
            .load_json::<Summary>(&run.layout.summary_json(&which))
            .await
            .ok()
    };
    let builder = load(SummaryPath::Builder).await;
    let n_tasks = list.map_or(0, TaskList::n);
    let runners: Vec<Summary> = stream::iter((0..n_tasks).map(TaskIndex::new))
        .map(|index| load(SummaryPath::Runner { index, n_tasks }))
        .buffered(CONCURRENT_READS)
        .filter_map(|summary| async { summary })
        .collect()
        .await;
    let workflow = telemetry::merge(builder.as_ref(), &runners, Some(output));
    report::save(run, &SummaryPath::Workflow, &workflow).await;
}
