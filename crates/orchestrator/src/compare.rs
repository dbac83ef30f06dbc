//! Whether two runs came to the same: their inputs, results and tables, hash by hash.

use std::collections::BTreeMap;

use epycloud_stages::manifest::Manifest;
use epycloud_storage::{LoadOptions, RunLayout, Storage, StorageError};
use serde::Serialize;

use crate::error::OrchestratorError;
use crate::record::RunRecord;

/// What the comparison of two runs shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Comparison {
    /// How many inputs, results and output files are the same.
    pub same: usize,
    /// What differs, or is in one of them only.
    pub different: Vec<String>,
}

/// Compares a run with its repetition. The output's files are compared by the hashes that both
/// records have, inputs by those of the manifests, results by their bytes.
///
/// # Errors
/// When a manifest or a result can't be read.
pub async fn compare_runs(
    storage: &Storage,
    original: (&RunLayout, &RunRecord),
    repeated: (&RunLayout, &RunRecord),
) -> Result<Comparison, OrchestratorError> {
    let mut comparison = Comparison::default();
    let unreadable = || OrchestratorError::record("compare the runs");
    let one = manifest(storage, original.0).await.map_err(unreadable())?;
    let other = manifest(storage, repeated.0).await.map_err(unreadable())?;
    comparison.take("input", inputs(one.as_ref()), inputs(other.as_ref()));
    let n_tasks = one.as_ref().map_or(0, |manifest| manifest.n);
    for index in (0..n_tasks).map(epycloud_config::TaskIndex::new) {
        let read = |layout: &RunLayout| {
            let path = layout.result(index, n_tasks);
            async move {
                match storage.load_bytes(&path, &LoadOptions::as_is()).await {
                    Ok(bytes) => Ok(Some(bytes)),
                    Err(StorageError::Missing { .. }) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        };
        let one = read(original.0).await.map_err(unreadable())?;
        let other = read(repeated.0).await.map_err(unreadable())?;
        comparison.count(&format!("result {}", index.get()), one == other);
    }
    comparison.take("output", outputs(original.1), outputs(repeated.1));
    Ok(comparison)
}

impl Comparison {
    fn count(&mut self, what: &str, is_same: bool) {
        if is_same {
            self.same += 1;
        } else {
            self.different.push(what.to_owned());
        }
    }

    fn take(
        &mut self,
        what: &str,
        one: BTreeMap<String, String>,
        mut other: BTreeMap<String, String>,
    ) {
        for (name, hash) in one {
            let is_same = other.remove(&name) == Some(hash);
            self.count(&format!("{what} {name}"), is_same);
        }
        for name in other.into_keys() {
            self.different.push(format!("{what} {name}"));
        }
    }
}

async fn manifest(storage: &Storage, layout: &RunLayout) -> Result<Option<Manifest>, StorageError> {
    match storage
        .load_bytes(&layout.manifest(), &LoadOptions::default())
        .await
    {
        Ok(bytes) => Ok(Manifest::decode(&bytes).ok()),
        Err(StorageError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn inputs(manifest: Option<&Manifest>) -> BTreeMap<String, String> {
    let tasks = manifest.map_or(&[][..], |manifest| &manifest.tasks);
    tasks
        .iter()
        .map(|task| (task.file.clone(), task.sha256.to_string()))
        .collect()
}

fn outputs(record: &RunRecord) -> BTreeMap<String, String> {
    let files = record.outputs.as_ref().map(|outputs| &outputs.files);
    files
        .into_iter()
        .flatten()
        .map(|file| (file.name.to_string(), file.sha256.to_string()))
        .collect()
}
