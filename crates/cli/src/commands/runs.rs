//! Which runs there are.

use epycloud_config::RunId;
use epycloud_errors::{Report, nearest};
use epycloud_orchestrator::record::{FoundRun, find_runs};
use epycloud_storage::Storage;

use crate::error::CliError;
use crate::settings::LocalRun;

/// The run to go on with: the one asked for, or the experiment's latest.
pub(super) async fn to_resume(run: &LocalRun, asked: Option<&RunId>) -> Result<RunId, Report> {
    let found = of_experiment(run).await?;
    let experiment = run.experiment();
    match asked {
        None => found
            .into_iter()
            .max_by(|one, other| one.record.updated.cmp(&other.record.updated))
            .map(|found| found.record.run_id)
            .ok_or_else(|| CliError::NothingToResume { experiment }.into()),
        // One that another program has begun has no record, but may have tasks.
        Some(run_id) if run.folder_of(run_id).is_dir() => Ok(run_id.clone()),
        Some(run_id) => {
            let ids = found.iter().map(|found| found.record.run_id.as_str());
            Err(CliError::NoSuchRun {
                experiment,
                run_id: run_id.to_string(),
                nearest: nearest(run_id.as_str(), ids).map(str::to_owned),
            }
            .into())
        }
    }
}

/// The runs of the experiment.
pub(super) async fn of_experiment(run: &LocalRun) -> Result<Vec<FoundRun>, Report> {
    let prefix = format!("{}/{}", run.runtime.dir_prefix.value, run.experiment());
    below(run, &prefix).await
}

/// The runs below a folder of the bucket.
pub(super) async fn below(run: &LocalRun, folder: &str) -> Result<Vec<FoundRun>, Report> {
    let bucket = &run.project.bucket;
    if !bucket.is_dir() {
        return Ok(Vec::new());
    }
    let storage = Storage::local(bucket)?;
    let folder = folder.trim_start_matches('/').parse().ok();
    Ok(find_runs(&storage, folder.as_ref()).await?)
}
