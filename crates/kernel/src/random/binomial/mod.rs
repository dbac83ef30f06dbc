//! Binomial draws as numpy's `Generator.binomial` makes them.

mod btpe;
mod inversion;

use super::Pcg64;

/// Expected count up to which numpy inverts the distribution function instead of rejecting.
const MAX_INVERSION_MEAN: f64 = 30.0;

/// Successes in `n` trials of probability `p`, as `Generator.binomial(n, p)`.
///
/// `n = 0` and `p = 0` take nothing from the stream. Like numpy's own inner function, this one
/// doesn't look at whether `p` is a probability: [`multinomial`](super::multinomial) may pass
/// quotients that rounding has put just outside `[0, 1]`, and the draw is then what numpy gives.
pub fn binomial(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    Conditional::new(p).draw(rng, n)
}

/// A success probability with what doesn't depend on the number of trials, for repeated draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditional {
    /// The rarer of success and failure; numpy draws that one.
    rarer: f64,
    is_failure: bool,
}

impl Conditional {
    #[inline]
    pub(crate) fn new(p: f64) -> Self {
        if p <= 0.5 {
            Self {
                rarer: p,
                is_failure: false,
            }
        } else {
            Self {
                rarer: 1.0 - p,
                is_failure: true,
            }
        }
    }

    /// Successes in `n` trials.
    #[inline]
    pub(crate) fn draw(&self, rng: &mut Pcg64, n: i64) -> i64 {
        // A certain success (rarer = 0 of failures) still takes a uniform, in the inversion.
        if n == 0 || (self.rarer == 0.0 && !self.is_failure) {
            return 0;
        }
        let count = if self.rarer * n as f64 <= MAX_INVERSION_MEAN {
            inversion::draw(rng, n, self.rarer)
        } else {
            btpe::draw(rng, n, self.rarer)
        };
        if self.is_failure { n - count } else { count }
    }
}
