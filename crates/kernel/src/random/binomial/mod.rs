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
    if n == 0 || p == 0.0 {
        return 0;
    }
    if p <= 0.5 {
        of_rarer(rng, n, p)
    } else {
        n - of_rarer(rng, n, 1.0 - p)
    }
}

fn of_rarer(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    if p * n as f64 <= MAX_INVERSION_MEAN {
        inversion::draw(rng, n, p)
    } else {
        btpe::draw(rng, n, p)
    }
}
