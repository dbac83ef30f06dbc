//! Why bytes are no artifact.

use epycloud_errors::{Diagnose, ExitCode};

use super::opcodes::Refusal;
use super::{PLAIN_CODEC, VERSION};

/// Why bytes are no artifact, or an artifact can't be written.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The pickle names Python classes, as those of the original pipeline do.
    #[error("is a pickle of Python objects (it names `{name}`), not an epycloud artifact")]
    PythonObjects {
        /// The first class or function that it names.
        name: String,
    },
    /// The pickle isn't plain data.
    #[error("is not a pickle of plain data")]
    NotPlain {
        /// What was found.
        #[source]
        reason: Refusal,
    },
    /// The pickle is plain data, but not an artifact's.
    #[error("is a pickle, but not of an epycloud artifact")]
    NotAnArtifact,
    /// The artifact is of another version.
    #[error("is an artifact of version `{found}`; this program reads version {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// A field is missing, unknown or of the wrong type.
    #[error("lacks a field of an artifact, or has one of the wrong type")]
    Shape {
        /// Which.
        #[source]
        source: Box<serde_pickle::Error>,
    },
    /// The content isn't what was written.
    #[error("is corrupt: its {part} does not match its hash")]
    Hash {
        /// `header` or `payload`.
        part: &'static str,
    },
    /// The payload isn't plain data.
    #[error("has a payload that is not plain data")]
    Payload {
        /// What was found.
        #[source]
        reason: Refusal,
    },
    /// The payload is plain data of another shape than the engine's.
    #[error("has a payload of another shape than the native engine's")]
    PayloadShape {
        /// Where it differs.
        #[source]
        source: Box<serde_pickle::Error>,
    },
    /// The payload is in another form.
    #[error("has a payload in the form `{found}`, expected `{PLAIN_CODEC}`")]
    Codec {
        /// The form found.
        found: String,
    },
    /// The value has no plain form.
    #[error("cannot be written as plain data")]
    Encode {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The payload is too large.
    #[error("has a payload of `{bytes}` bytes; an artifact holds at most 4 GiB")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

impl ArtifactError {
    pub(super) fn from_refusal(reason: Refusal) -> Self {
        match reason {
            Refusal::Global { name } => Self::PythonObjects { name },
            reason => Self::NotPlain { reason },
        }
    }
}

impl Diagnose for ArtifactError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::PythonObjects { .. } => Some(
                "it looks like an artifact of the original pipeline, which only Python can read; \
                 the native engine never executes an artifact: run stage A again to write ours"
                    .to_owned(),
            ),
            Self::Version { .. } => {
                Some("run all stages of a run with the same version of epycloud".to_owned())
            }
            Self::NotPlain { .. }
            | Self::NotAnArtifact
            | Self::Shape { .. }
            | Self::Hash { .. } => Some("run the stage that writes it again".to_owned()),
            _ => None,
        }
    }
}
