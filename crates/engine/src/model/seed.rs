//! A seed for experiments that give none.

use super::error::ModelError;

/// Draws a seed from the operating system: 63 bits, so that it fits every integer type on its way
/// through artifacts and summaries.
pub(super) fn draw() -> Result<u64, ModelError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| ModelError::Seed {
        reason: error.to_string(),
    })?;
    Ok(u64::from_le_bytes(bytes) >> 1)
}
