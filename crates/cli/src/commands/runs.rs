//! Which runs there are.

use epycloud_config::{DirPrefix, Environment, ExpId, RunId};
use epycloud_errors::{Report, nearest};
use epycloud_orchestrator::record::{FoundRun, find_runs};
use epycloud_storage::{RunLayout, Storage};

use crate::arguments::Which;
use crate::error::CliError;
use crate::settings::Bucket;

/// A run that is there, and where.
pub(super) struct Place {
    pub(super) storage: Storage,
    pub(super) layout: RunLayout,
    pub(super) found: FoundRun,
}

/// The run to go on with: the one asked for, or the experiment's latest.
pub(super) async fn to_resume(
    storage: &Storage,
    prefix: &DirPrefix,
    exp_id: &ExpId,
    asked: Option<&RunId>,
) -> Result<RunId, Report> {
    let found = list_in(storage, prefix, Some(exp_id)).await?;
    let experiment = exp_id.to_string();
    let Some(run_id) = asked else {
        return match found.into_iter().next() {
            Some(latest) => Ok(latest.record.run_id),
            None => Err(CliError::NothingToResume { experiment }.into()),
        };
    };
    // One that another program has begun has no record, but may have tasks.
    let layout = RunLayout::new(prefix, exp_id, run_id);
    if storage.folders(layout.root()).await?.is_empty() {
        Err(no_such_run(experiment, run_id, &found).into())
    } else {
        Ok(run_id.clone())
    }
}

/// The run that is meant: the one of that ID, or the latest.
pub(super) async fn find(which: &Which, environment: &Environment) -> Result<Place, Report> {
    let bucket = Bucket::locate(&which.project_directory, environment)?;
    let mut found = list(&bucket, which.exp_id.as_ref()).await?;
    if found.is_empty() {
        return Err(none(which, &bucket).await?.into());
    }
    if let Some(run_id) = &which.run_id {
        let named: Vec<FoundRun> = found
            .iter()
            .filter(|run| run.record.run_id == *run_id)
            .cloned()
            .collect();
        if named.len() > 1 {
            let experiments = named.iter().map(|run| run.record.exp_id.to_string());
            return Err(CliError::SeveralRuns {
                run_id: run_id.to_string(),
                experiments: experiments.collect(),
            }
            .into());
        }
        if named.is_empty() {
            let experiment = which
                .exp_id
                .as_ref()
                .map_or_else(|| "any".to_owned(), ToString::to_string);
            return Err(no_such_run(experiment, run_id, &found).into());
        }
        found = named;
    }
    let found = found.swap_remove(0);
    Ok(Place {
        storage: Storage::local(&bucket.folder)?,
        layout: RunLayout::new(&bucket.prefix, &found.record.exp_id, &found.record.run_id),
        found,
    })
}

/// That there is no run, with an experiment of a similar name that has some.
pub(super) async fn none(which: &Which, bucket: &Bucket) -> Result<CliError, Report> {
    let Some(experiment) = &which.exp_id else {
        return Ok(CliError::NoRuns {
            experiment: None,
            nearest: None,
        });
    };
    let all = list(bucket, None).await?;
    let known = all.iter().map(|run| run.record.exp_id.as_str());
    Ok(CliError::NoRuns {
        experiment: Some(experiment.to_string()),
        nearest: nearest(experiment.as_str(), known).map(str::to_owned),
    })
}

/// The runs, of one experiment or of all, the latest first.
pub(super) async fn list(
    bucket: &Bucket,
    experiment: Option<&ExpId>,
) -> Result<Vec<FoundRun>, Report> {
    if !bucket.folder.is_dir() {
        return Ok(Vec::new());
    }
    let storage = Storage::local(&bucket.folder)?;
    list_in(&storage, &bucket.prefix, experiment).await
}

async fn list_in(
    storage: &Storage,
    prefix: &DirPrefix,
    experiment: Option<&ExpId>,
) -> Result<Vec<FoundRun>, Report> {
    let folder = match experiment {
        Some(exp_id) => format!("{prefix}/{exp_id}"),
        None => prefix.to_string(),
    };
    let folder = folder.trim_matches('/').parse().ok();
    let mut found = find_runs(storage, folder.as_ref()).await?;
    if let Some(exp_id) = experiment {
        found.retain(|run| run.record.exp_id == *exp_id);
    }
    found.sort_by(|one, other| other.record.updated.cmp(&one.record.updated));
    Ok(found)
}

fn no_such_run(experiment: String, run_id: &RunId, found: &[FoundRun]) -> CliError {
    let ids = found.iter().map(|found| found.record.run_id.as_str());
    CliError::NoSuchRun {
        experiment,
        run_id: run_id.to_string(),
        nearest: nearest(run_id.as_str(), ids).map(str::to_owned),
    }
}
