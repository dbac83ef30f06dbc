//! Finding runs without looking into them.

use std::collections::BTreeSet;

use epycloud_errors::{Report, nearest};
use epycloud_orchestrator::record::{RunRecord, RunStore};
use epycloud_orchestrator::{RunFolder, run_folders};
use epycloud_storage::StorageError;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;

use crate::bucket::Bucket;
use crate::error::CliError;
use crate::patterns::ExperimentFilter;

/// Records that are read at the same time.
const CONCURRENT: usize = 16;

/// A run that is there.
#[derive(Debug, Clone)]
pub(crate) struct FoundRun {
    pub(crate) folder: RunFolder,
    /// When it began, where its name or its record says so.
    pub(crate) began: Option<Timestamp>,
    /// Its record, if it was read.
    pub(crate) record: Option<RunRecord>,
}

/// The runs of the experiments that match, the latest first; those without a time come last.
pub(crate) async fn browse(
    bucket: &Bucket,
    filter: Option<&ExperimentFilter>,
) -> Result<Vec<FoundRun>, Report> {
    let below = filter.map_or("", ExperimentFilter::folder);
    let folders = run_folders(&bucket.storage, &bucket.prefix, below).await?;
    let wanted = folders
        .into_iter()
        .filter(|run| filter.is_none_or(|filter| filter.matches(run.exp_id.as_str())));
    let mut found: Vec<FoundRun> = stream::iter(wanted)
        .map(|folder| found(bucket, folder))
        .buffered(CONCURRENT)
        .try_collect()
        .await?;
    found.sort_by(|one, other| (&other.began, &one.folder).cmp(&(&one.began, &other.folder)));
    Ok(found)
}

/// A run with its time: a generated name has it, of others the record does.
async fn found(bucket: &Bucket, folder: RunFolder) -> Result<FoundRun, StorageError> {
    let generated = folder.run_id.generated_at();
    let record = match generated {
        Some(_) => None,
        None => record(bucket, &folder).await?,
    };
    let created = record
        .as_ref()
        .and_then(|record| record.created.parse().ok());
    Ok(FoundRun {
        folder,
        began: generated.or(created),
        record,
    })
}

/// A run's record; `None` where it has none that can be read, as the original's.
pub(super) async fn record(
    bucket: &Bucket,
    folder: &RunFolder,
) -> Result<Option<RunRecord>, StorageError> {
    let layout = folder.layout(&bucket.prefix);
    match RunStore::new(bucket.storage.clone(), layout).run().await {
        Err(StorageError::Corrupt { .. }) => Ok(None),
        read => read,
    }
}

/// That nothing was found, with an experiment of a similar name if there is one.
pub(crate) async fn nothing_found(
    bucket: &Bucket,
    filter: Option<&ExperimentFilter>,
) -> Result<CliError, Report> {
    let place = bucket.place();
    let Some(filter) = filter else {
        return Ok(CliError::NoRunsIn { place });
    };
    let all = run_folders(&bucket.storage, &bucket.prefix, "").await?;
    if all.is_empty() {
        return Ok(CliError::NoRunsIn { place });
    }
    let known: BTreeSet<&str> = all.iter().map(|run| run.exp_id.as_str()).collect();
    Ok(CliError::NoMatch {
        pattern: filter.text().to_owned(),
        nearest: nearest(filter.text(), known).map(str::to_owned),
    })
}
