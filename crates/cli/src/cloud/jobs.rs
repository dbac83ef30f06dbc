//! Batch's jobs of an experiment or a run.

use epycloud_config::{ExpId, RunId};
use epycloud_google::batch::{Job, Jobs, list_jobs, with_labels};
use epycloud_google::{Client, GoogleError, label_value};

use super::Cloud;

/// Jobs of the wanted experiment and run, whatever their state, sorted by experiment.
pub(crate) async fn jobs_of(
    exp_id: Option<&ExpId>,
    run_id: Option<&RunId>,
    cloud: &Cloud,
    client: &Client,
) -> Result<Vec<Job>, GoogleError> {
    let exp_id = exp_id.map(ExpId::as_str);
    let run_id = run_id.map(RunId::as_str);
    let labels: Vec<(&str, String)> = [("exp_id", exp_id), ("run_id", run_id)]
        .into_iter()
        .filter_map(|(name, text)| Some((name, label_value(text?))))
        .collect();
    let pairs: Vec<(&str, &str)> = labels
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let filter = (!pairs.is_empty()).then(|| with_labels(&pairs));
    let request = list_jobs(&cloud.place, filter.as_deref());
    let is_wanted = |job: &Job| is_of(job, exp_id, run_id);
    let mut found = client
        .list_some::<Jobs>(&request, is_wanted, usize::MAX)
        .await?;
    found.sort_by_cached_key(|job| job.experiment().map(str::to_owned));
    Ok(found)
}

/// Whether a job may be of an experiment and a run, by what its tasks are told: a label may be cut,
/// and two experiments may have runs of one name. What isn't known speaks against nothing.
pub(crate) fn is_of(job: &Job, exp_id: Option<&str>, run_id: Option<&str>) -> bool {
    let is = |known: Option<&str>, wanted: Option<&str>| {
        known.is_none() || wanted.is_none() || known == wanted
    };
    is(job.variable("EXP_ID"), exp_id) && is(job.variable("RUN_ID"), run_id)
}
