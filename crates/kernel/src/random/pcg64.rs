//! PCG64: the 128-bit permuted congruential generator behind `numpy.random.default_rng`.
//!
//! M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
//! Random Number Generation" (HMC-CS-2014-0905); output function XSL-RR.

use super::SeedSequence;

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;
const TWO_TO_MINUS_53: f64 = 1.0 / 9_007_199_254_740_992.0;

/// A random stream equal to numpy's `Generator(PCG64(seed))`.
///
/// ```
/// use epycloud_kernel::random::Pcg64;
///
/// // numpy.random.default_rng(42).random()
/// assert_eq!(Pcg64::new(42).next_double(), 0.7739560485559633);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pcg64 {
    state: u128,
    /// The state after the next step, so that the long multiplication isn't on the path from one
    /// draw to the next.
    ahead: u128,
    increment: u128,
    half: Option<u32>,
}

/// A stream's position as numpy's `bit_generator.state` holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pcg64State {
    /// `state["state"]["state"]`.
    pub state: u128,
    /// `state["state"]["inc"]`: which of the 2^127 sequences this is; always odd.
    pub increment: u128,
    /// `state["uinteger"]` while `state["has_uint32"]` is 1: the unused upper half of the last
    /// 64-bit draw.
    pub buffered: Option<u32>,
}

impl Pcg64 {
    /// The stream of `numpy.random.default_rng(seed)`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::from_seed_sequence(&SeedSequence::from_u64(seed))
    }

    /// The stream of `PCG64(seed_sequence)`.
    #[must_use]
    pub fn from_seed_sequence(seed: &SeedSequence) -> Self {
        let words = seed.generate_u64(4);
        let join = |high: u64, low: u64| (u128::from(high) << 64) | u128::from(low);
        let increment = (join(words[2], words[3]) << 1) | 1;
        let seeded = increment.wrapping_add(join(words[0], words[1]));
        Self::from_state(Pcg64State {
            state: step(seeded, increment),
            increment,
            buffered: None,
        })
    }

    /// The stream at a recorded position.
    #[must_use]
    pub const fn from_state(position: Pcg64State) -> Self {
        let Pcg64State {
            state,
            increment,
            buffered,
        } = position;
        Self {
            state,
            ahead: step(state, increment),
            increment,
            half: buffered,
        }
    }

    /// The stream's position, to be recorded or handed to numpy.
    #[must_use]
    pub const fn state(&self) -> Pcg64State {
        Pcg64State {
            state: self.state,
            increment: self.increment,
            buffered: self.half,
        }
    }

    /// The next 64 bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.ahead;
        self.ahead = step(self.state, self.increment);
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    /// The next 32 bits: the lower half of a 64-bit draw, whose upper half the next call returns.
    #[inline]
    pub const fn next_u32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let next = self.next_u64();
        self.half = Some((next >> 32) as u32);
        next as u32
    }

    /// The next number of `[0, 1)`, a multiple of 2^-53, as `Generator.random()`.
    #[inline]
    pub const fn next_double(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * TWO_TO_MINUS_53
    }
}

#[inline]
const fn step(state: u128, increment: u128) -> u128 {
    state.wrapping_mul(MULTIPLIER).wrapping_add(increment)
}
