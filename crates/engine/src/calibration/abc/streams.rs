//! One random stream for every purpose, all from one seed.

use epycloud_kernel::random::{Pcg64, SeedSequence};

/// The place of a generation's number in the key of a projection's stream.
const PROJECTION: u32 = u32::MAX;

/// The stream of `SeedSequence(seed, spawn_key=key)`.
fn stream(seed: u64, key: &[u32]) -> Pcg64 {
    // numpy fills the seed up to four words before it appends a key.
    let mut words = vec![seed as u32, (seed >> 32) as u32, 0, 0];
    words.extend_from_slice(key);
    Pcg64::from_seed_sequence(&SeedSequence::from_words(words))
}

/// The stream from which a proposal is drawn.
pub(super) fn proposal_stream(seed: u64, generation: u32, proposal: u32) -> Pcg64 {
    stream(seed, &[generation, proposal])
}

/// The stream of a proposal's simulation: with its parameters, this is all it takes to make a
/// particle's simulation again.
///
/// In numpy's terms, of `SeedSequence(seed, spawn_key=(generation, proposal, 0))`.
#[must_use]
pub fn simulation_stream(seed: u64, generation: u32, proposal: u32) -> Pcg64 {
    stream(seed, &[generation, proposal, 0])
}

/// The stream of a projected trajectory, which first draws the particle. Scenarios share it, so
/// that trajectories of the same number differ only by what the scenarios change.
///
/// In numpy's terms, of `SeedSequence(seed, spawn_key=(2**32 - 1, trajectory))`.
#[must_use]
pub fn projection_stream(seed: u64, trajectory: u32) -> Pcg64 {
    stream(seed, &[PROJECTION, trajectory])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From numpy 2.4.6: `default_rng(SeedSequence(seed, spawn_key=key)).random()`.
    #[test]
    fn streams_are_numpys_for_a_spawn_key() {
        let cases: [(u64, &[u32], f64); 3] = [
            (42, &[0, 0], 0.846528956714028),
            (42, &[3, 1000, 0], 0.47312782623356053),
            ((1 << 40) + 5, &[PROJECTION, 7], 0.2510708038767483),
        ];
        for (seed, key, expected) in cases {
            assert_eq!(stream(seed, key).next_double(), expected, "{seed} {key:?}");
        }
    }
}
