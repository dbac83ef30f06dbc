//! Inversion of the distribution function, one count after the other.
//!
//! Algorithm BINV of Kachitvichyanukul and Schmeiser, "Binomial random variate generation" (1988),
//! in the arithmetic of numpy's `random_binomial_inversion`.

use crate::math::{exp, log1p};
use crate::random::Pcg64;

/// Successes in `n` trials of probability `p`, at most one half.
pub(super) fn draw(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    let trials = n as f64;
    let q = 1.0 - p;
    let p_none = exp(trials * log1p(-p));
    let mean = trials * p;
    let limit = mean + 10.0 * (mean * q + 1.0).sqrt();
    let bound = if trials < limit { n } else { limit as i64 };
    loop {
        if let Some(count) = invert(rng.next_double(), n, p, q, p_none, bound) {
            return count;
        }
    }
}

/// The count at which the distribution function passes `uniform`, if that is at most `bound`.
fn invert(mut uniform: f64, n: i64, p: f64, q: f64, p_none: f64, bound: i64) -> Option<i64> {
    let mut count = 0;
    let mut p_count = p_none;
    while uniform > p_count {
        count += 1;
        if count > bound {
            return None;
        }
        uniform -= p_count;
        p_count = ((n - count + 1) as f64 * p * p_count) / (count as f64 * q);
    }
    Some(count)
}
