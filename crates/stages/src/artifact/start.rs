//! What an artifact says about itself, from its beginning alone: the payload stands last.

use super::{ArtifactError, Envelope, Header, from_pickle, opcodes};

/// The name of the last field as a pickle has it: a text of seven bytes.
const PAYLOAD: &[u8] = b"X\x07\0\0\0payload";
/// No payload, the dict's end, the pickle's end.
const END: &[u8] = b"C\0u.";

impl Header {
    /// Reads the header from the beginning of a pickle, after gzip; `None` where that ends before
    /// the payload. The header's own hash is checked, the payload isn't looked at.
    ///
    /// # Errors
    /// As [`Artifact::decode`](super::Artifact::decode).
    pub fn from_start(start: &[u8]) -> Result<Option<Self>, ArtifactError> {
        let found = start
            .windows(PAYLOAD.len())
            .position(|window| window == PAYLOAD);
        let Some(end) = found else {
            return Ok(None);
        };
        let pickle = [&start[..end], PAYLOAD, END].concat();
        opcodes::check_plain(&pickle).map_err(ArtifactError::from_refusal)?;
        match from_pickle::<Envelope>(&pickle) {
            Ok(envelope) if envelope.is_of_this_version() => {
                envelope.into_parts().map(|(header, _)| Some(header))
            }
            Ok(_) => Err(super::what_else(&pickle, None)),
            Err(source) => Err(super::what_else(&pickle, Some(source))),
        }
    }
}
