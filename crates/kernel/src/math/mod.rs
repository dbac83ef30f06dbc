//! The elementary functions, with the results that the C library's give.
//!
//! numpy's draws and epydemix's probabilities go through `exp`, `log`, `log1p` and `expm1` of the
//! host's C library, and a difference in the last place can change a count. These functions return,
//! on any host, what glibc returns on an x86-64 processor with fused multiply-add (Haswell, Zen and
//! everything since): `exp` and `log` of glibc 2.28 and newer, `expm1` and `log1p` of 2.39 and
//! newer and of older releases that took the change over, such as Debian 12's 2.36. Elsewhere the C
//! library's own `expm1` can differ by one unit in the last place.
//!
//! A fused multiply-add stands exactly where the compiled library has one; every other operation
//! rounds by itself.

mod exp;
mod exp_table;
mod expm1;
mod log;
mod log1p;
mod log_table;
mod rough;

pub use exp::exp;
pub use expm1::expm1;
pub use log::log;
pub use log1p::log1p;
pub(crate) use rough::{rough_exp, rough_log, rough_log_complement};

/// The upper 32 bits of a double: sign, exponent and the first 20 bits of the mantissa.
const fn high_word(x: f64) -> u32 {
    (x.to_bits() >> 32) as u32
}

/// `x` with its upper 32 bits replaced.
const fn with_high_word(x: f64, high: u32) -> f64 {
    f64::from_bits((x.to_bits() & 0xffff_ffff) | ((high as u64) << 32))
}
