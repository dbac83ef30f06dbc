//! Outputs of an earlier session that are what stage C would write now.

use std::collections::BTreeMap;

use epycloud_config::FileName;
use epycloud_stages::output::OutputIndex;
use epycloud_stages::{StageRun, TaskList};

use crate::record::{OutputsRecord, RunRecord, RunStatus};
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
    let is_current = previous.status == RunStatus::Done
        && outputs.missing.is_empty()
        && is_same_output_config(run, previous, outputs, sources);
    if !is_current {
        return None;
    }
    let path = run.layout.output_index(&outputs.folder);
    let index: OutputIndex = run.storage.load_json(&path).await.ok()?;
    let is_current =
        index.manifest_sha256 == list.tasks.manifest_sha256 && index.versions == *versions;
    is_current.then(|| outputs.folder.clone())
}

/// Whether stage C would read the output configuration that it read then: by its hash, or, where the
/// run is of one commit that isn't here, by its name.
fn is_same_output_config(
    run: &StageRun,
    previous: &RunRecord,
    outputs: &OutputsRecord,
    now: Option<&Sources>,
) -> bool {
    let then = &previous.provenance;
    match now {
        Some(now) => outputs.config_sha256 == now.output_config_sha256,
        None => then.sources.is_none() && then.output_config == run.settings.output_config_file,
    }
}
