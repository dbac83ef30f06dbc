//! The manifest: which tasks a run has, and what exactly their inputs are.
//!
//! Stage A writes `builder-artifacts/manifest.json` after the inputs and then, last,
//! `builder-artifacts/tasks.json`, so a run that has the latter has everything. The hash of the
//! manifest names a generation: building the same again gives the same generation, and a result
//! counts only for the generation whose input it came from.

use std::collections::BTreeMap;

use epycloud_config::{EngineName, ExpId, RunId, TaskIndex};
use serde::{Deserialize, Serialize};

use crate::hash::Sha256;

/// The value of a manifest's `format`.
pub const FORMAT: &str = "epycloud-manifest";
/// The version written, and the only one read.
pub const VERSION: u32 = 1;

/// `builder-artifacts/manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The experiment.
    pub exp_id: ExpId,
    /// The run.
    pub run_id: RunId,
    /// The engine that wrote the inputs and can run them.
    pub engine: EngineName,
    /// Versions of what did the modelling.
    pub versions: BTreeMap<String, String>,
    /// Hash of the model configuration ([`Sha256::of_files`]).
    pub config_sha256: Sha256,
    /// The kind of workflow.
    pub workflow: String,
    /// Number of tasks.
    pub n: u32,
    /// The tasks, by index.
    pub tasks: Vec<TaskEntry>,
}

/// A task in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEntry {
    /// Its index: which `input_*` and `result_*` are its.
    pub index: u32,
    /// The engine's number of it.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Seed of its random stream.
    pub seed: Option<u64>,
    /// Name of its input in `builder-artifacts/`.
    pub file: String,
    /// Hash of its input, before gzip.
    pub sha256: Sha256,
    /// Size of its input in bytes, before gzip.
    pub bytes: u64,
}

/// `builder-artifacts/tasks.json`: small, so that an orchestrator can hold it in a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tasks {
    /// Number of tasks.
    pub n: u32,
    /// Commit that the forecast repository's `HEAD` was at, if it is a git repository.
    pub commit: Option<String>,
    /// Whether files differed from that commit; `None` when that isn't known.
    pub dirty: Option<bool>,
    /// Hash of `manifest.json`'s bytes.
    pub manifest_sha256: Sha256,
}

/// Why a manifest can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It isn't JSON of the expected shape.
    #[error("is not a manifest: {0}")]
    Shape(String),
    /// It is of another version.
    #[error("is a manifest of version `{found}`; this program reads version {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// Its tasks don't add up.
    #[error("lists `{listed}` tasks and says that there are `{n}`")]
    Count {
        /// Tasks listed.
        listed: usize,
        /// Tasks announced.
        n: u32,
    },
}

impl Manifest {
    /// The stored bytes; the same manifest gives the same bytes.
    ///
    /// # Panics
    /// Never: every key of a manifest is text.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a manifest's keys are text");
        bytes.push(b'\n');
        bytes
    }

    /// Reads stored bytes and checks that the tasks are those of indices 0 to n-1.
    ///
    /// # Errors
    /// When they aren't a manifest of this version, or tasks are missing.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        let shape = |error: serde_json::Error| ManifestError::Shape(error.to_string());
        let Signature { format, version } = serde_json::from_slice(bytes).map_err(shape)?;
        if format != FORMAT {
            return Err(ManifestError::Shape(format!("its format is `{format}`")));
        }
        if version != VERSION {
            return Err(ManifestError::Version { found: version });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(shape)?;
        let in_order = (0..manifest.n).eq(manifest.tasks.iter().map(|task| task.index));
        if !in_order {
            return Err(ManifestError::Count {
                listed: manifest.tasks.len(),
                n: manifest.n,
            });
        }
        Ok(manifest)
    }

    /// A task by its index.
    #[must_use]
    pub fn task(&self, index: TaskIndex) -> Option<&TaskEntry> {
        self.tasks.get(usize::try_from(index.get()).ok()?)
    }
}

#[derive(Deserialize)]
struct Signature {
    format: String,
    version: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(n: u32) -> Manifest {
        Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            exp_id: "flu/round1".parse().unwrap(),
            run_id: "20260105-120000-0a1b2c3d".parse().unwrap(),
            engine: EngineName::Native,
            versions: BTreeMap::from([("epycloud".to_owned(), "0.1.0".to_owned())]),
            config_sha256: Sha256::of(b"config"),
            workflow: "simulation".to_owned(),
            n,
            tasks: (0..n)
                .map(|index| TaskEntry {
                    index,
                    primary_id: index,
                    population: "Harbour_Island".to_owned(),
                    seed: Some(u64::MAX),
                    file: format!("input_{index:05}.pkl.gz"),
                    sha256: Sha256::of(&[0]),
                    bytes: 1,
                })
                .collect(),
        }
    }

    #[test]
    fn a_manifest_reads_back_and_its_bytes_are_the_same_each_time() {
        let bytes = manifest(2).encode();
        assert_eq!(bytes, manifest(2).encode());
        assert_eq!(Manifest::decode(&bytes), Ok(manifest(2)));
    }

    #[test]
    fn what_is_no_manifest_says_why() {
        let text = String::from_utf8(manifest(2).encode()).unwrap();
        let cases = [
            ("[]".to_owned(), "is not a manifest: invalid length 0"),
            (
                text.replace(FORMAT, "x"),
                "is not a manifest: its format is `x`",
            ),
            (
                text.replace("\"version\": 1", "\"version\": 9"),
                "is a manifest of version `9`",
            ),
            (
                text.replace("\"n\": 2", "\"n\": 3"),
                "lists `2` tasks and says that there are `3`",
            ),
            (
                text.replace("\"index\": 1", "\"index\": 5"),
                "lists `2` tasks",
            ),
            (text.replace("flu/round1", "../x"), "is not a manifest: "),
        ];
        for (text, expected) in cases {
            let message = Manifest::decode(text.as_bytes()).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
