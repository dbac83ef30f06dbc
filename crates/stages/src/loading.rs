//! Loading an artifact, and what can be wrong with one.

use std::collections::BTreeMap;

use epycloud_config::EngineName;
use epycloud_errors::{Diagnose, ExitCode};
use epycloud_storage::{LoadOptions, Storage, StorageError, StoragePath, may_block};
use serde::{Deserialize, Serialize};

use crate::artifact::{Artifact, ArtifactError, ArtifactKind, Header, Payload};
use crate::hash::Sha256;

/// Why a stored artifact can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactProblem {
    /// There is none.
    #[error("`{path}` is not there")]
    Missing {
        /// Where it should be.
        path: String,
    },
    /// Its bytes aren't what was written.
    #[error("`{path}` is corrupt")]
    Corrupt {
        /// Where it is.
        path: String,
        /// What is wrong with them.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is whole, but no artifact that can be used.
    #[error("`{path}` {source}")]
    NotUsable {
        /// Where it is.
        path: String,
        /// What it is.
        source: ArtifactError,
    },
    /// It belongs to another build of the same run.
    #[error("`{path}` belongs to another build of this run than the manifest")]
    OtherGeneration {
        /// Where it is.
        path: String,
    },
    /// It is another task's, or of another kind.
    #[error("`{path}` is {found}, expected {expected}")]
    Misplaced {
        /// Where it is.
        path: String,
        /// What it is: `the result of task 3`.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// Another engine wrote it.
    #[error("`{path}` was written by the `{found}` engine, not the `{asked}` engine")]
    OtherEngine {
        /// Where it is.
        path: String,
        /// Its engine.
        found: EngineName,
        /// The engine asked for.
        asked: EngineName,
    },
    /// It can't be read: access is denied, or the storage failed.
    #[error(transparent)]
    Unreadable(StorageError),
}

/// The kinds of problem, as `index.json` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// There is no artifact.
    Missing,
    /// There is one, but it isn't whole or isn't an artifact of ours.
    Corrupt,
    /// It belongs to another build of the run.
    OtherGeneration,
    /// It can't be read.
    Unreadable,
}

impl Cause {
    /// The name in `index.json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Corrupt => "corrupt",
            Self::OtherGeneration => "other_generation",
            Self::Unreadable => "unreadable",
        }
    }
}

impl ArtifactProblem {
    /// Which kind of problem it is.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        match self {
            Self::Missing { .. } => Cause::Missing,
            Self::Corrupt { .. } | Self::NotUsable { .. } | Self::Misplaced { .. } => {
                Cause::Corrupt
            }
            Self::OtherGeneration { .. } | Self::OtherEngine { .. } => Cause::OtherGeneration,
            Self::Unreadable(_) => Cause::Unreadable,
        }
    }

    fn of_storage(path: String, error: StorageError) -> Self {
        match error {
            StorageError::Missing { .. } => Self::Missing { path },
            StorageError::Corrupt { reason, .. } => Self::Corrupt {
                path,
                source: reason.into(),
            },
            error => Self::Unreadable(error),
        }
    }

    fn of_artifact(path: String, error: ArtifactError) -> Self {
        match error {
            ArtifactError::Hash { .. } => Self::Corrupt {
                path,
                source: Box::new(error),
            },
            error => Self::NotUsable {
                path,
                source: error,
            },
        }
    }
}

impl Diagnose for ArtifactProblem {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::OtherEngine { .. } => ExitCode::Usage,
            Self::Unreadable(source) => source.exit_code(),
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotUsable { source, .. } => source.hint(),
            Self::Unreadable(source) => source.hint(),
            Self::OtherEngine { found, .. } => Some(format!(
                "set `EPYCLOUD_ENGINE={found}`, or run stage A again"
            )),
            _ => None,
        }
    }
}

/// What a pickle of protocol 2 or newer begins with.
const PROTOCOL_OPCODE: u8 = 0x80;

/// How much of a stored artifact is read where its header is wanted alone; few have more than 2 KiB.
const HEADER_BYTES: u64 = 8 << 10;

/// Which artifact should be at a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) kind: ArtifactKind,
    pub(crate) engine: EngineName,
    pub(crate) primary_id: u32,
    /// The input's hash: an input must have it, a result must have come from it.
    pub(crate) input_sha256: Sha256,
    /// Where the original pipeline's are accepted, the codec for them.
    pub(crate) foreign_codec: Option<&'static str>,
}

/// Loads an artifact and checks that it is whole and the one expected. Unpacking happens on
/// another thread, so that loading the next one overlaps with using this one, unless this thread
/// has nothing else to do.
pub(crate) async fn load(
    storage: &Storage,
    path: &StoragePath,
    expected: Expected,
) -> Result<Artifact, ArtifactProblem> {
    let name = storage.url_of(path);
    let bytes = storage
        .load_bytes(path, &LoadOptions::default())
        .await
        .map_err(|error| ArtifactProblem::of_storage(name.clone(), error))?;
    if may_block() {
        return check(name, &bytes, expected);
    }
    let checked = tokio::task::spawn_blocking({
        let name = name.clone();
        move || check(name, &bytes, expected)
    });
    checked.await.unwrap_or_else(|panic| {
        Err(ArtifactProblem::Corrupt {
            path: name,
            source: Box::new(panic),
        })
    })
}

/// Loads what an artifact says about itself and checks that it is the one expected; of its payload
/// nothing is read.
pub(crate) async fn load_header(
    storage: &Storage,
    path: &StoragePath,
    expected: Expected,
) -> Result<Header, ArtifactProblem> {
    let name = storage.url_of(path);
    let start = storage
        .load_start(path, HEADER_BYTES)
        .await
        .map_err(|error| ArtifactProblem::of_storage(name.clone(), error))?;
    match Header::from_start(&start) {
        Ok(Some(header)) => {
            let came_from = header.input_sha256;
            check_header(name, &header, expected, came_from)?;
            Ok(header)
        }
        // One with more to say of itself, or something else: the whole of it tells.
        Ok(None) | Err(_) => load(storage, path, expected)
            .await
            .map(|artifact| artifact.header),
    }
}

fn check(path: String, bytes: &[u8], expected: Expected) -> Result<Artifact, ArtifactProblem> {
    let artifact = match Artifact::decode(bytes) {
        Ok(artifact) => artifact,
        Err(error) => {
            return foreign(bytes, expected, &error)
                .ok_or_else(|| ArtifactProblem::of_artifact(path, error));
        }
    };
    let generation = match expected.kind {
        ArtifactKind::Input => Some(Sha256::of(bytes)),
        ArtifactKind::Result | ArtifactKind::Checkpoint => artifact.header.input_sha256,
    };
    check_header(path, &artifact.header, expected, generation)?;
    Ok(artifact)
}

/// Whether a header is the one expected; `generation` is the hash of the input that it is, or came
/// from.
fn check_header(
    path: String,
    header: &Header,
    expected: Expected,
    generation: Option<Sha256>,
) -> Result<(), ArtifactProblem> {
    if header.kind != expected.kind || header.primary_id != expected.primary_id {
        let describe = |kind: ArtifactKind, id: u32| format!("the {} of task {id}", kind.as_str());
        return Err(ArtifactProblem::Misplaced {
            path,
            found: describe(header.kind, header.primary_id),
            expected: describe(expected.kind, expected.primary_id),
        });
    }
    if header.engine != expected.engine {
        let (found, asked) = (header.engine, expected.engine);
        return Err(ArtifactProblem::OtherEngine { path, found, asked });
    }
    if generation == Some(expected.input_sha256) {
        Ok(())
    } else {
        Err(ArtifactProblem::OtherGeneration { path })
    }
}

/// The original pipeline's artifact, which is a pickle of one Python object and says nothing of
/// itself; where those are accepted.
fn foreign(bytes: &[u8], expected: Expected, error: &ArtifactError) -> Option<Artifact> {
    let codec = expected.foreign_codec?;
    let is_pickle = matches!(
        error,
        ArtifactError::PythonObjects { .. } | ArtifactError::NotPlain { .. }
    ) && bytes.first() == Some(&PROTOCOL_OPCODE);
    is_pickle.then(|| Artifact {
        header: Header {
            kind: expected.kind,
            engine: expected.engine,
            primary_id: expected.primary_id,
            population: "unknown".to_owned(),
            seed: None,
            delta_t: None,
            workflow: "unknown".to_owned(),
            versions: BTreeMap::new(),
            config_sha256: Sha256::of(&[]),
            input_sha256: None,
        },
        payload: Payload {
            codec: codec.to_owned(),
            bytes: bytes.to_vec(),
        },
    })
}
