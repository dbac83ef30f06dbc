//! Inversion of the distribution function, one count after the other.
//!
//! Algorithm BINV of Kachitvichyanukul and Schmeiser, "Binomial random variate generation" (1988),
//! in the arithmetic of numpy's `random_binomial_inversion`.

use super::{MARGIN, OfProbability};
use crate::math::{exp, log1p, rough_exp};
use crate::random::Pcg64;

/// Successes in `n` trials of probability `p`, at most one half.
#[inline]
pub(super) fn draw(rng: &mut Pcg64, n: f64, p: f64, derived: &impl OfProbability) -> f64 {
    let uniform = rng.next_double();
    clear(uniform, n, p, derived).unwrap_or_else(|| exact(uniform, rng, n, p))
}

/// `1 / (count + 1)`; counts beyond are left to [`exact`].
const INVERSES: [f64; 86] = {
    let mut inverses = [0.0; 86];
    let mut index = 0;
    while index < inverses.len() {
        inverses[index] = 1.0 / (index + 1) as f64;
        index += 1;
    }
    inverses
};

/// The count at which the distribution function passes `uniform`, when no comparison on the way is
/// close and the count is below numpy's bound.
#[inline]
fn clear(mut uniform: f64, n: f64, p: f64, derived: &impl OfProbability) -> Option<f64> {
    // Zero, or below it by rounding: (1 - p)^n is at least 1, and no uniform is above that.
    if p <= 0.0 {
        return Some(0.0);
    }
    let mean = n * p;
    // (1 - p)^n >= 1 - n p.
    if uniform < 1.0 - mean - MARGIN {
        return Some(0.0);
    }
    // What numpy's bound leaves of `n`, and one more for the subtraction's rounding: sqrt(1 + x) is
    // at least 1 + 0.15 x for x of [0, 30], the chord.
    let least_left = n - (mean + 9.0 + 1.5 * mean * (1.0 - p));
    let odds = derived.odds();
    let mut p_count = rough_exp(n * derived.log_complement());
    let mut left = n;
    for inverse in INVERSES {
        uniform -= p_count;
        if uniform < MARGIN {
            return (uniform < -MARGIN).then_some(n - left);
        }
        p_count *= left * odds * inverse;
        left -= 1.0;
        if left < least_left {
            break;
        }
    }
    None
}

/// numpy's arithmetic.
#[cold]
fn exact(mut uniform: f64, rng: &mut Pcg64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    let p_none = exp(n * log1p(-p));
    let mean = n * p;
    let limit = mean + 10.0 * (mean * q + 1.0).sqrt();
    let bound = if n < limit { n } else { limit.trunc() };
    loop {
        if let Some(count) = invert(uniform, n, p, q, p_none, bound) {
            return count;
        }
        uniform = rng.next_double();
    }
}

/// The count at which the distribution function passes `uniform`, if that is at most `bound`.
fn invert(mut uniform: f64, n: f64, p: f64, q: f64, p_none: f64, bound: f64) -> Option<f64> {
    let mut count = 0.0;
    let mut p_count = p_none;
    while uniform > p_count {
        count += 1.0;
        if count > bound {
            return None;
        }
        uniform -= p_count;
        p_count = ((n - count + 1.0) * p * p_count) / (count * q);
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::super::{Derived, Fresh};
    use super::*;

    #[test]
    fn close_comparisons_are_left_to_numpys_arithmetic() {
        let mut rng = Pcg64::new(5);
        let mut n_left = 0;
        for _ in 0..20_000 {
            let n = 1.0 + rng.bounded(200) as f64;
            let p = 0.5 * rng.next_double() * (60.0 / n).min(1.0);
            let q = 1.0 - p;
            let log_complement = log1p(-p);
            let p_none = exp(n * log_complement);
            // A uniform number next to where a count ends.
            let count = rng.bounded((n as u64).min(10));
            let below: f64 = (0..=count)
                .fold((0.0, p_none), |(sum, p_count), x| {
                    let next = (n - x as f64) * p * p_count / ((x + 1) as f64 * q);
                    (sum + p_count, next)
                })
                .0;
            let offset = [0.0, 1e-16, -1e-16, 1e-12, -1e-12, 5e-9, -5e-9][rng.bounded(6) as usize];
            let uniform = below + offset;
            let exact = invert(uniform, n, p, q, p_none, n);
            for found in [
                clear(uniform, n, p, &Fresh(p)),
                clear(
                    uniform,
                    n,
                    p,
                    &Derived {
                        odds: p / q,
                        log_complement,
                    },
                ),
            ] {
                n_left += u32::from(found.is_none());
                assert!(
                    found.is_none() || found == exact,
                    "n {n}, p {p}, uniform {uniform}"
                );
            }
        }
        assert!(n_left > 10_000, "the uniform numbers weren't close");
    }
}
