//! Looking into a stored artifact without loading it.

use std::fmt;
use std::path::{Path, PathBuf};

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_storage::{Decompression, InvalidStoragePath, LoadOptions, Storage, StorageError};

use super::globals::{Globals, globals};
use super::opcodes::Refusal;
use super::{Artifact, ArtifactError, Header, PLAIN_CODEC};

/// What compressed data begins with.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What can be told of an artifact's file without loading what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// What it says about itself, if it is an artifact of ours, and the codec of its payload.
    pub artifact: Option<(Header, String)>,
    /// Size of the pickle that holds the objects, in bytes.
    pub bytes: usize,
    /// The Python modules, classes and functions that the pickle names. Not all it may do.
    pub globals: Globals,
}

/// Why a file can't be looked into.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Its path has no name, or one that isn't text.
    #[error("`{}` can't be the path of an artifact", .path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why, where there is more to say.
        #[source]
        source: Option<InvalidStoragePath>,
    },
    /// It can't be read.
    #[error("could not read the artifact")]
    Storage {
        /// Why.
        #[source]
        source: StorageError,
    },
    /// It is an artifact of ours that can't be used.
    #[error("`{}` {source}", .path.display())]
    Artifact {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ArtifactError,
    },
    /// It isn't a pickle.
    #[error("`{}` is not a pickle", .path.display())]
    NotAPickle {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        reason: Refusal,
    },
}

impl Diagnose for InspectError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Path { .. } => ExitCode::Usage,
            Self::Storage { source } => source.exit_code(),
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Storage { source } => source.hint(),
            Self::Artifact { source, .. } => source.hint(),
            _ => None,
        }
    }
}

/// Looks into a file: an artifact of ours, or any pickle, with gzip around it or not.
///
/// # Errors
/// When it can't be read, is corrupt, or is no pickle.
pub async fn inspect(file: &Path) -> Result<Inspection, InspectError> {
    let pickle = read(file).await?;
    let names = |bytes: &[u8]| {
        globals(bytes).map_err(|reason| InspectError::NotAPickle {
            path: file.to_owned(),
            reason,
        })
    };
    match Artifact::decode(&pickle) {
        Ok(Artifact { header, payload }) => Ok(Inspection {
            artifact: Some((header, payload.codec)),
            bytes: payload.bytes.len(),
            globals: names(&payload.bytes)?,
        }),
        Err(source @ (ArtifactError::Hash { .. } | ArtifactError::Version { .. })) => {
            Err(InspectError::Artifact {
                path: file.to_owned(),
                source,
            })
        }
        Err(_) => Ok(Inspection {
            artifact: None,
            bytes: pickle.len(),
            globals: names(&pickle)?,
        }),
    }
}

async fn read(file: &Path) -> Result<Vec<u8>, InspectError> {
    let path = |source| InspectError::Path {
        path: file.to_owned(),
        source,
    };
    let absolute = std::path::absolute(file).map_err(|_| path(None))?;
    let folder = absolute.parent().ok_or_else(|| path(None))?;
    let name = absolute.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| path(None))?;
    let name = name.parse().map_err(|source| path(Some(source)))?;
    let failed = |source| InspectError::Storage { source };
    let storage = Storage::local(folder).map_err(failed)?;
    let load = |decompression| LoadOptions {
        decompression,
        ..LoadOptions::default()
    };
    let stored = storage.load_bytes(&name, &load(Decompression::None)).await;
    let stored = stored.map_err(failed)?;
    if !stored.starts_with(&GZIP_MAGIC) {
        return Ok(stored);
    }
    storage
        .load_bytes(&name, &load(Decompression::Gunzip))
        .await
        .map_err(failed)
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.artifact {
            Some((header, codec)) => {
                let (kind, id) = (header.kind.as_str(), header.primary_id);
                let (population, engine) = (&header.population, header.engine);
                writeln!(
                    f,
                    "{kind} of task {id} ({population}), written by the {engine} engine"
                )?;
                write!(f, "workflow: {}", header.workflow)?;
                if let Some(seed) = header.seed {
                    write!(f, ", seed {seed}")?;
                }
                if let Some(step) = header.delta_t {
                    write!(f, ", steps of {step} days")?;
                }
                writeln!(f)?;
                for (name, version) in &header.versions {
                    writeln!(f, "  {name} {version}")?;
                }
                writeln!(f, "payload: {codec}, {} bytes", self.bytes)?;
                if codec == PLAIN_CODEC {
                    return writeln!(f, "plain data: it names no Python module");
                }
            }
            None => writeln!(
                f,
                "a pickle, but not an epycloud artifact: {} bytes",
                self.bytes
            )?,
        }
        if self.globals.is_empty() {
            return writeln!(f, "it names no Python module");
        }
        writeln!(f, "loading it would import, as far as it says:")?;
        for (module, names) in &self.globals {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            writeln!(f, "  {module}: {}", names.join(", "))?;
        }
        Ok(())
    }
}
