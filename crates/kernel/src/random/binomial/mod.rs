//! Binomial draws as numpy's `Generator.binomial` makes them.
//!
//! A draw is a chain of comparisons of floating-point numbers. Most of them are clear by far more
//! than any rounding error, so they are made with [rough](crate::math) functions and rearranged
//! arithmetic; when one isn't clear by [`MARGIN`], numpy's own arithmetic decides, from the same
//! uniform numbers. The result is numpy's either way.

mod btpe;
mod inversion;
#[cfg(test)]
mod literal;

use super::Pcg64;
use super::multinomial::{InvalidDraw, check_trials};
use crate::math::{log1p, rough_log_complement};

/// Expected count up to which numpy inverts the distribution function instead of rejecting.
const MAX_INVERSION_MEAN: f64 = 30.0;

/// Distance from a tie at which a decision is clear, absolute for probabilities and logarithms,
/// relative for ratios. All errors of the shortcuts stay below 3e-11.
const MARGIN: f64 = 1e-9;

/// Successes in `n` trials of probability `p`, as `Generator.binomial(n, p)`.
///
/// `n = 0` and `p = 0` take nothing from the stream.
///
/// # Errors
/// As numpy: a negative `n`, or a `p` outside `[0, 1]` or not a number. Besides, more than 2^53
/// trials.
pub fn binomial(rng: &mut Pcg64, n: i64, p: f64) -> Result<i64, InvalidDraw> {
    check_trials(n)?;
    if !(0.0..=1.0).contains(&p) {
        return Err(InvalidDraw::ProbabilityOutOfRange {
            category: 0,
            value: p,
        });
    }
    Ok(draw_binomial(rng, n as f64, p) as i64)
}

/// The same without checks: a multinomial draw passes quotients that rounding may have put just
/// outside `[0, 1]`, and gets what numpy's inner function gives.
///
/// Counts are doubles, whole and at most 2^53, so that nothing is converted between draws.
#[inline]
pub(crate) fn draw_binomial(rng: &mut Pcg64, n: f64, p: f64) -> f64 {
    let side = Side::of(p);
    side.draw(rng, n, &Fresh(side.rarer))
}

/// A success probability with what doesn't depend on the number of trials, for repeated draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditional {
    side: Side,
    derived: Derived,
}

impl Conditional {
    pub(crate) fn new(p: f64) -> Self {
        let side = Side::of(p);
        let p = side.rarer;
        Self {
            side,
            derived: Derived {
                odds: p / (1.0 - p),
                log_complement: log1p(-p),
            },
        }
    }

    /// Successes in `n` trials.
    #[inline]
    pub(crate) fn draw(&self, rng: &mut Pcg64, n: f64) -> f64 {
        self.side.draw(rng, n, &self.derived)
    }
}

/// The rarer of success and failure; numpy draws that one.
#[derive(Debug, Clone, Copy)]
struct Side {
    rarer: f64,
    is_failure: bool,
}

impl Side {
    #[inline]
    fn of(p: f64) -> Self {
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

    #[inline]
    fn draw(self, rng: &mut Pcg64, n: f64, derived: &impl OfProbability) -> f64 {
        let p = self.rarer;
        // A certain success, a failure of probability zero, still takes a uniform.
        if n == 0.0 || (p == 0.0 && !self.is_failure) {
            return 0.0;
        }
        let count = if p * n <= MAX_INVERSION_MEAN {
            inversion::draw(rng, n, p, derived)
        } else {
            btpe::draw(rng, n, p, derived)
        };
        if self.is_failure { n - count } else { count }
    }
}

/// Functions of a probability `p` up to one half that draws need, near enough for clear decisions.
trait OfProbability {
    /// `p / (1 - p)`.
    fn odds(&self) -> f64;
    /// `log(1 - p)`.
    fn log_complement(&self) -> f64;
}

/// Computed before, for many draws.
#[derive(Debug, Clone, Copy)]
struct Derived {
    odds: f64,
    log_complement: f64,
}

impl OfProbability for Derived {
    #[inline]
    fn odds(&self) -> f64 {
        self.odds
    }

    #[inline]
    fn log_complement(&self) -> f64 {
        self.log_complement
    }
}

/// Computed when a draw asks, for a probability that isn't seen again.
struct Fresh(f64);

impl OfProbability for Fresh {
    #[inline]
    fn odds(&self) -> f64 {
        self.0 / (1.0 - self.0)
    }

    #[inline]
    fn log_complement(&self) -> f64 {
        rough_log_complement(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trials and a probability of all sizes.
    fn any_draw(rng: &mut Pcg64) -> (f64, f64) {
        let size = rng.bounded(53);
        let n = rng.bounded(1 << size) as f64;
        let uniform = rng.next_double();
        let p = match rng.bounded(7) {
            0 => uniform,
            1 => uniform * 1e-4,
            2 => 1.0 - uniform * 1e-12,
            3 => 60.0 * uniform / (n + 1.0),
            4 => 1.0 - 500.0 * uniform / (n + 1.0),
            5 => 1.0 + f64::EPSILON,
            _ => -1e-12 * uniform,
        };
        (n, p)
    }

    #[test]
    fn property_shortcuts_change_nothing() {
        let cases = std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok());
        let mut requests = Pcg64::new(3);
        for seed in 0..cases.unwrap_or(1000) {
            let (mut ours, mut literal) = (Pcg64::new(seed), Pcg64::new(seed));
            for _ in 0..100 {
                let (n, p) = any_draw(&mut requests);
                let expected = literal::binomial(&mut literal, n as i64, p) as f64;
                assert_eq!(draw_binomial(&mut ours, n, p), expected, "n {n}, p {p:e}");
                let expected = literal::binomial(&mut literal, n as i64, p) as f64;
                assert_eq!(
                    Conditional::new(p).draw(&mut ours, n),
                    expected,
                    "n {n}, p {p:e}"
                );
            }
            assert_eq!(ours, literal);
        }
    }
}
