//! numpy's `SeedSequence`: seeds of any size become well mixed words of state.
//!
//! The hash is M. E. O'Neill's `seed_seq_fe` ("Developing a seed_seq Alternative", 2015) with the
//! constants that numpy uses.

/// Words of the entropy pool (numpy's default).
const POOL_WORDS: usize = 4;
const INIT_A: u32 = 0x43b0_d7e5;
const MULT_A: u32 = 0x931e_8875;
const INIT_B: u32 = 0x8b51_f9dd;
const MULT_B: u32 = 0x58f3_8ded;
const MIX_LEFT: u32 = 0xca01_f9dd;
const MIX_RIGHT: u32 = 0x4973_f715;
const SHIFT: u32 = 16;

/// Entropy from which streams are seeded, equal to `numpy.random.SeedSequence(entropy)`.
///
/// ```
/// use epycloud_kernel::random::SeedSequence;
///
/// // numpy.random.SeedSequence(42).generate_state(2)
/// assert_eq!(SeedSequence::from_u64(42).generate_u32(2), [3444837047, 2669555309]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedSequence {
    entropy: Vec<u32>,
    spawn_key: Vec<u32>,
    n_children: u32,
    pool: [u32; POOL_WORDS],
}

impl SeedSequence {
    /// A sequence seeded with an integer, as `SeedSequence(seed)`.
    #[must_use]
    pub fn from_u64(seed: u64) -> Self {
        Self::from_u128(u128::from(seed))
    }

    /// A sequence seeded with an integer of up to 128 bits, such as the entropy numpy draws from
    /// the operating system when it is given none.
    #[must_use]
    pub fn from_u128(seed: u128) -> Self {
        let words = (128 - seed.leading_zeros()).div_ceil(32).max(1);
        Self::from_words(
            (0..words)
                .map(|word| (seed >> (32 * word)) as u32)
                .collect(),
        )
    }

    /// A sequence seeded with 32-bit words, as `SeedSequence([word, …])`.
    ///
    /// No words at all give what one zero word gives.
    #[must_use]
    pub fn from_words(entropy: Vec<u32>) -> Self {
        Self::with_spawn_key(entropy, Vec::new())
    }

    fn with_spawn_key(entropy: Vec<u32>, spawn_key: Vec<u32>) -> Self {
        let mut assembled = entropy.clone();
        if !spawn_key.is_empty() {
            // Keeps a child's key apart from its parent's entropy, however short that is.
            assembled.resize(assembled.len().max(POOL_WORDS), 0);
            assembled.extend_from_slice(&spawn_key);
        }
        Self {
            pool: mix_entropy(&assembled),
            entropy,
            spawn_key,
            n_children: 0,
        }
    }

    /// Independent child sequences, as `spawn(n)`; a second call continues where the first ended.
    pub fn spawn(&mut self, n: u32) -> Vec<Self> {
        let first = self.n_children;
        self.n_children = first + n;
        (first..self.n_children)
            .map(|child| {
                let mut key = self.spawn_key.clone();
                key.push(child);
                Self::with_spawn_key(self.entropy.clone(), key)
            })
            .collect()
    }

    /// The first `n` 32-bit words of state, as `generate_state(n, numpy.uint32)`.
    #[must_use]
    pub fn generate_u32(&self, n: usize) -> Vec<u32> {
        let mut hash = INIT_B;
        self.pool
            .iter()
            .cycle()
            .take(n)
            .map(|&word| {
                let value = word ^ hash;
                hash = hash.wrapping_mul(MULT_B);
                let value = value.wrapping_mul(hash);
                value ^ (value >> SHIFT)
            })
            .collect()
    }

    /// The first `n` 64-bit words of state, as `generate_state(n, numpy.uint64)`.
    #[must_use]
    pub fn generate_u64(&self, n: usize) -> Vec<u64> {
        self.generate_u32(2 * n)
            .chunks_exact(2)
            .map(|pair| u64::from(pair[0]) | (u64::from(pair[1]) << 32))
            .collect()
    }
}

fn mix_entropy(entropy: &[u32]) -> [u32; POOL_WORDS] {
    let mut hash = Hash(INIT_A);
    let mut pool = [0; POOL_WORDS];
    for (index, word) in pool.iter_mut().enumerate() {
        *word = hash.mix(entropy.get(index).copied().unwrap_or(0));
    }
    for source in 0..POOL_WORDS {
        for target in 0..POOL_WORDS {
            if source != target {
                pool[target] = combine(pool[target], hash.mix(pool[source]));
            }
        }
    }
    for &extra in entropy.iter().skip(POOL_WORDS) {
        for word in &mut pool {
            *word = combine(*word, hash.mix(extra));
        }
    }
    pool
}

/// The multiplier that changes with every use.
struct Hash(u32);

impl Hash {
    fn mix(&mut self, value: u32) -> u32 {
        let value = value ^ self.0;
        self.0 = self.0.wrapping_mul(MULT_A);
        let value = value.wrapping_mul(self.0);
        value ^ (value >> SHIFT)
    }
}

const fn combine(left: u32, right: u32) -> u32 {
    let mixed = MIX_LEFT
        .wrapping_mul(left)
        .wrapping_sub(MIX_RIGHT.wrapping_mul(right));
    mixed ^ (mixed >> SHIFT)
}
