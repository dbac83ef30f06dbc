//! A seed for experiments that give none.

use super::error::ModelError;
use crate::schema::basemodel::BaseModel;

/// The experiment's seed, or one that is drawn and named in a warning.
pub(crate) fn of(base: &BaseModel, warnings: &mut Vec<String>) -> Result<u64, ModelError> {
    if let Some(seed) = base.random_seed {
        return Ok(seed);
    }
    let seed = draw()?;
    warnings.push(format!(
        "the experiment gives no `random_seed`; {seed} was drawn"
    ));
    Ok(seed)
}

/// Draws a seed from the operating system: 63 bits, so that it fits every integer type on its way
/// through artifacts and summaries.
fn draw() -> Result<u64, ModelError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| ModelError::Seed {
        reason: error.to_string(),
    })?;
    Ok(u64::from_le_bytes(bytes) >> 1)
}
