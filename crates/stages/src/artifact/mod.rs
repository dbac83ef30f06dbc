//! Artifacts: what stage A hands to stage B, and stage B to stage C.
//!
//! An artifact is a gzip'd protocol-3 pickle of one dict of plain data, so that anyone can look
//! into it with Python's standard library:
//!
//! ```python
//! import gzip, pickle
//! artifact = pickle.load(gzip.open("input_00000.pkl.gz"))
//! task = pickle.loads(artifact["payload"])      # payload_codec "pickle-plain-3"
//! a = task["group_sizes"]                       # {"dtype": "<f8", "shape": [5], "data": b"…"}
//! numpy.frombuffer(a["data"], a["dtype"]).reshape(a["shape"])
//! ```
//!
//! | field | what |
//! |---|---|
//! | `format` | `epycloud-artifact` |
//! | `version` | 1 |
//! | `kind` | `input`, `result` or `checkpoint` |
//! | `engine` | `native` or `python`: who wrote the payload and can read it |
//! | `primary_id` | number of the task |
//! | `population` | epydemix name of the population |
//! | `seed` | of the random stream, or `None` |
//! | `delta_t` | step in days, or `None` |
//! | `workflow` | `simulation`, `sampling`, `calibration`, `calibration_projection` |
//! | `versions` | of what did the modelling, by name |
//! | `config_sha256` | of the model configuration ([`Sha256::of_files`]) |
//! | `input_sha256` | in a result or a checkpoint, of the input it came from (before gzip); in an input, `None` |
//! | `payload_codec` | how to read the payload |
//! | `payload_sha256` | of the payload |
//! | `header_sha256` | of all other fields but the payload, as JSON with sorted keys and no spaces |
//! | `payload` | bytes |
//!
//! The hashes find corruption, not malice. Nothing is ever executed here: a pickle that names a
//! class is refused ([`opcodes`]) before it is decoded.

mod error;
mod globals;
mod inspect;
pub mod opcodes;
mod start;

use std::collections::BTreeMap;

use epycloud_config::EngineName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_pickle::{DeOptions, SerOptions};

pub use error::ArtifactError;
pub use globals::{Globals, globals};
pub use inspect::{InspectError, Inspection, inspect};

use crate::hash::Sha256;

/// The value of an artifact's `format`.
pub const FORMAT: &str = "epycloud-artifact";
/// The version written, and the only one read.
pub const VERSION: u32 = 1;
/// The codec of payloads that are protocol-3 pickles of plain data.
pub const PLAIN_CODEC: &str = "pickle-plain-3";
/// The largest payload: pickle's lengths have 32 bits.
const MAX_PAYLOAD_BYTES: usize = u32::MAX as usize;

/// What an artifact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// A task's input, written by stage A.
    Input,
    /// A task's result, written by stage B.
    Result,
    /// Where a task that is still running stood last, written by stage B for itself.
    Checkpoint,
}

impl ArtifactKind {
    /// The name in the artifact.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Result => "result",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// What an artifact says about itself; see the [module](self) for the fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Input or result.
    pub kind: ArtifactKind,
    /// The engine that wrote it.
    pub engine: EngineName,
    /// Number of the task.
    pub primary_id: u32,
    /// epydemix name of the population.
    pub population: String,
    /// Seed of the random stream.
    pub seed: Option<u64>,
    /// Step in days.
    pub delta_t: Option<f64>,
    /// The kind of workflow.
    pub workflow: String,
    /// Versions of what did the modelling.
    pub versions: BTreeMap<String, String>,
    /// Hash of the model configuration.
    pub config_sha256: Sha256,
    /// In a result, the hash of the input it came from.
    pub input_sha256: Option<Sha256>,
}

/// What the engine put into an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// How to read the bytes.
    pub codec: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// An artifact in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// What it says about itself.
    pub header: Header,
    /// What the engine put into it.
    pub payload: Payload,
}

/// The dict that is pickled.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    version: u32,
    kind: ArtifactKind,
    engine: EngineName,
    primary_id: u32,
    population: String,
    seed: Option<u64>,
    delta_t: Option<f64>,
    workflow: String,
    versions: BTreeMap<String, String>,
    config_sha256: Sha256,
    input_sha256: Option<Sha256>,
    payload_codec: String,
    payload_sha256: Sha256,
    header_sha256: Sha256,
    #[serde(with = "serde_bytes")]
    payload: Vec<u8>,
}

/// The fields that decide whether the rest can be read.
#[derive(Deserialize)]
struct Signature {
    format: Option<String>,
    version: Option<u32>,
}

impl Payload {
    /// Pickles plain data.
    ///
    /// # Errors
    /// When the value has no plain form, or has an integer beyond signed 64 bits, which
    /// serde-pickle writes but doesn't read.
    pub fn plain<T: Serialize>(value: &T) -> Result<Self, ArtifactError> {
        Ok(Self {
            codec: PLAIN_CODEC.to_owned(),
            bytes: to_pickle(value)?,
        })
    }

    /// Reads plain data back.
    ///
    /// # Errors
    /// When the codec is another one, the bytes aren't plain data, or their shape is wrong.
    pub fn to_plain<T: DeserializeOwned>(&self) -> Result<T, ArtifactError> {
        if self.codec != PLAIN_CODEC {
            return Err(ArtifactError::Codec {
                found: self.codec.clone(),
            });
        }
        opcodes::check_plain(&self.bytes).map_err(|reason| ArtifactError::Payload { reason })?;
        from_pickle(&self.bytes).map_err(|source| ArtifactError::PayloadShape { source })
    }
}

impl Artifact {
    /// The pickle, before gzip. The same artifact gives the same bytes.
    ///
    /// # Errors
    /// When the payload is larger than pickle can say (4 GiB), or the seed is beyond signed 64
    /// bits.
    pub fn encode(self) -> Result<Vec<u8>, ArtifactError> {
        if self.payload.bytes.len() > MAX_PAYLOAD_BYTES {
            return Err(ArtifactError::TooLarge {
                bytes: self.payload.bytes.len(),
            });
        }
        to_pickle(&Envelope::new(self))
    }

    /// Reads a pickle, after gzip, and checks its hashes.
    ///
    /// # Errors
    /// When it isn't plain data, isn't an artifact, is of another version, or its hashes don't
    /// match. Never panics and never recurses deeper than [`opcodes::MAX_DEPTH`], whatever the
    /// bytes.
    pub fn decode(pickle: &[u8]) -> Result<Self, ArtifactError> {
        opcodes::check_plain(pickle).map_err(ArtifactError::from_refusal)?;
        match from_pickle::<Envelope>(pickle) {
            Ok(envelope) if envelope.is_of_this_version() => envelope.into_artifact(),
            Ok(_) => Err(what_else(pickle, None)),
            Err(source) => Err(what_else(pickle, Some(source))),
        }
    }
}

/// What a pickle is that isn't an artifact of this version.
fn what_else(pickle: &[u8], shape: Option<Box<serde_pickle::Error>>) -> ArtifactError {
    let Ok(signature) = from_pickle::<Signature>(pickle) else {
        return ArtifactError::NotAnArtifact;
    };
    match (signature.format.as_deref(), signature.version, shape) {
        (Some(FORMAT), Some(VERSION), Some(source)) => ArtifactError::Shape { source },
        (Some(FORMAT), Some(found), _) => ArtifactError::Version { found },
        _ => ArtifactError::NotAnArtifact,
    }
}

impl Envelope {
    fn is_of_this_version(&self) -> bool {
        self.format == FORMAT && self.version == VERSION
    }

    fn new(Artifact { header, payload }: Artifact) -> Self {
        let payload_sha256 = Sha256::of(&payload.bytes);
        let header_sha256 = header_hash(&header, &payload.codec, payload_sha256);
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            kind: header.kind,
            engine: header.engine,
            primary_id: header.primary_id,
            population: header.population,
            seed: header.seed,
            delta_t: header.delta_t,
            workflow: header.workflow,
            versions: header.versions,
            config_sha256: header.config_sha256,
            input_sha256: header.input_sha256,
            payload_codec: payload.codec,
            payload_sha256,
            header_sha256,
            payload: payload.bytes,
        }
    }

    fn into_artifact(self) -> Result<Artifact, ArtifactError> {
        if Sha256::of(&self.payload) != self.payload_sha256 {
            return Err(ArtifactError::Hash { part: "payload" });
        }
        let (header, payload) = self.into_parts()?;
        Ok(Artifact { header, payload })
    }

    /// The header, once it is seen to be whole, and the payload as it is.
    fn into_parts(self) -> Result<(Header, Payload), ArtifactError> {
        let header = Header {
            kind: self.kind,
            engine: self.engine,
            primary_id: self.primary_id,
            population: self.population,
            seed: self.seed,
            delta_t: self.delta_t,
            workflow: self.workflow,
            versions: self.versions,
            config_sha256: self.config_sha256,
            input_sha256: self.input_sha256,
        };
        let payload = Payload {
            codec: self.payload_codec,
            bytes: self.payload,
        };
        if header_hash(&header, &payload.codec, self.payload_sha256) != self.header_sha256 {
            return Err(ArtifactError::Hash { part: "header" });
        }
        Ok((header, payload))
    }
}

/// The hash of all fields but the payload and this hash, as JSON with sorted keys.
fn header_hash(header: &Header, payload_codec: &str, payload_sha256: Sha256) -> Sha256 {
    let fields = BTreeMap::from([
        ("format", json!(FORMAT)),
        ("version", json!(VERSION)),
        ("kind", json!(header.kind)),
        ("engine", json!(header.engine)),
        ("primary_id", json!(header.primary_id)),
        ("population", json!(header.population)),
        ("seed", json!(header.seed)),
        ("delta_t", json!(header.delta_t)),
        ("workflow", json!(header.workflow)),
        ("versions", json!(header.versions)),
        ("config_sha256", json!(header.config_sha256)),
        ("input_sha256", json!(header.input_sha256)),
        ("payload_codec", json!(payload_codec)),
        ("payload_sha256", json!(payload_sha256)),
    ]);
    Sha256::of(json!(fields).to_string().as_bytes())
}

/// Pickles plain data, and makes sure that it can be read again.
fn to_pickle<T: Serialize>(value: &T) -> Result<Vec<u8>, ArtifactError> {
    let bytes =
        serde_pickle::to_vec(value, SerOptions::new()).map_err(|source| ArtifactError::Encode {
            source: Box::new(source),
        })?;
    opcodes::check_plain(&bytes).map_err(|source| ArtifactError::Encode {
        source: Box::new(source),
    })?;
    Ok(bytes)
}

fn from_pickle<T: DeserializeOwned>(pickle: &[u8]) -> Result<T, Box<serde_pickle::Error>> {
    serde_pickle::from_slice(pickle, DeOptions::new()).map_err(Box::new)
}

#[cfg(test)]
mod tests;
