//! Outputs of an earlier session that are what stage C would write now.

use std::collections::BTreeMap;

use epycloud_config::FileName;
use epycloud_stages::output::OutputIndex;
use epycloud_stages::{StageRun, TaskList};
use epycloud_storage::StorageError;

use crate::record::{Provenance, RunRecord, RunStatus};
use crate::sources::Sources;

/// The folder of the outputs that the run's record names, if nothing that they are made from has
/// changed.
pub(crate) async fn outputs(
    run: &StageRun,
    previous: &RunRecord,
    sources: Option<&Sources>,
    list: &TaskList,
    versions: &BTreeMap<String, String>,
) -> Option<FileName> {
    let outputs = previous.outputs.as_ref()?;
    let then = &previous.provenance;
    let is_current = previous.status == RunStatus::Done
        && outputs.missing.is_empty()
        && then.manifest_sha256 == Some(list.tasks.manifest_sha256)
        && then.versions == *versions
        && is_same_output_config(run, then, sources);
    if !is_current {
        return None;
    }
    let path = run.layout.output_index(&outputs.folder);
    let index: Result<OutputIndex, StorageError> = run.storage.load_json(&path).await;
    index.is_ok().then(|| outputs.folder.clone())
}

/// Whether stage C would read the output configuration that it read then: by its hash, or, where the
/// run is of one commit that isn't here, by its name.
fn is_same_output_config(run: &StageRun, then: &Provenance, now: Option<&Sources>) -> bool {
    match (&then.sources, now) {
        (Some(then), Some(now)) => then.output_config_sha256 == now.output_config_sha256,
        (None, None) => then.output_config == run.settings.output_config_file,
        _ => false,
    }
}
