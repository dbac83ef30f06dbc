//! Densities of the binomial, Poisson, gamma and beta distributions by their saddle-point form,
//! which keeps its digits where a difference of logarithms of factorials loses them.
//!
//! C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.

use std::f64::consts::TAU;

use epycloud_kernel::math::{exp, log, log1p};

use super::normal::LN_SQRT_2PI;

/// `exp(-rate) rate^x / Gamma(x + 1)` for any `x >= 0`.
pub(super) fn poisson(x: f64, rate: f64) -> f64 {
    if rate == 0.0 {
        return if x == 0.0 { 1.0 } else { 0.0 };
    }
    if x == 0.0 {
        return exp(-rate);
    }
    exp(-stirling_error(x) - deviance(x, rate)) / (TAU * x).sqrt()
}

/// `Gamma(n + 1) / (Gamma(x + 1) Gamma(n - x + 1)) p^x q^(n - x)` for any `0 <= x <= n`, with
/// `q = 1 - p`.
pub(super) fn binomial(x: f64, n: f64, p: f64, q: f64) -> f64 {
    let other = n - x;
    if p == 0.0 {
        return if x == 0.0 { 1.0 } else { 0.0 };
    }
    if q == 0.0 {
        return if other == 0.0 { 1.0 } else { 0.0 };
    }
    if x == 0.0 {
        return exp(n * log_of_complement(p, q));
    }
    if other == 0.0 {
        return exp(n * log_of_complement(q, p));
    }
    let errors = stirling_error(n) - stirling_error(x) - stirling_error(other);
    let exponent = errors - deviance(x, n * p) - deviance(other, n * q);
    exp(exponent) * (n / (TAU * x * other)).sqrt()
}

/// Density of the gamma distribution of a shape at `x >= 0`.
pub(super) fn gamma(x: f64, shape: f64) -> f64 {
    if x == 0.0 {
        return at_end(shape, 1.0);
    }
    if shape < 1.0 {
        poisson(shape, x) * shape / x
    } else {
        poisson(shape - 1.0, x)
    }
}

/// Density of the beta distribution at `0 <= x <= 1`.
pub(super) fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x == 0.0 {
        return at_end(a, b);
    }
    if x == 1.0 {
        return at_end(b, a);
    }
    let y = 1.0 - x;
    match (a < 1.0, b < 1.0) {
        (true, true) => binomial(a, a + b, x, y) * (a * b) / ((a + b) * x * y),
        (true, false) => binomial(a, a + (b - 1.0), x, y) * a / x,
        (false, true) => binomial(a - 1.0, (a - 1.0) + b, x, y) * b / y,
        (false, false) => binomial(a - 1.0, (a - 1.0) + (b - 1.0), x, y) * ((a - 1.0) + b),
    }
}

/// The density at an end of the support: without bound below a shape of 1, zero above.
fn at_end(shape: f64, at_one: f64) -> f64 {
    match shape.total_cmp(&1.0) {
        std::cmp::Ordering::Less => f64::INFINITY,
        std::cmp::Ordering::Equal => at_one,
        std::cmp::Ordering::Greater => 0.0,
    }
}

/// `ln(1 - p)` from whichever of `p` and `q = 1 - p` is exact.
fn log_of_complement(p: f64, q: f64) -> f64 {
    if p < 0.5 { log1p(-p) } else { log(q) }
}

/// What Stirling's formula lacks: `ln(Gamma(n + 1)) - ln(sqrt(2 pi n) (n/e)^n)`.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * log(n) + n - LN_SQRT_2PI;
    }
    let y = 1.0 / (n * n);
    (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / n
}

/// `x ln(x/mean) + mean - x`, without cancellation near the mean.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * log(x / mean) + mean - x;
    }
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    let v2 = v * v;
    let mut odd = 3.0;
    loop {
        power *= v2;
        let next = sum + power / odd;
        if next == sum {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}
