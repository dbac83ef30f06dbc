//! Draws that no inverse of a distribution function gives cheaply.

use epycloud_kernel::math::{exp, log, log1p};
use epycloud_kernel::random::Pcg64;

use super::normal;

/// A uniform number strictly between 0 and 1: the middle of one of 2^53 equal pieces.
pub(crate) fn open_uniform(rng: &mut Pcg64) -> f64 {
    (rng.next_double() + f64::EPSILON / 4.0).min(1.0 - f64::EPSILON / 2.0)
}

/// A standard normal number, from one uniform number.
pub(crate) fn standard_normal(rng: &mut Pcg64) -> f64 {
    normal::quantile(open_uniform(rng))
}

/// Logarithm of a gamma number of a shape, which underflows later than the number.
///
/// G. Marsaglia and W. W. Tsang, "A Simple Method for Generating Gamma Variables", 2000.
pub(super) fn log_gamma(rng: &mut Pcg64, shape: f64) -> f64 {
    if shape < 1.0 {
        return log_gamma(rng, shape + 1.0) + log(open_uniform(rng)) / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = standard_normal(rng);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        if log(open_uniform(rng)) < 0.5 * x * x + d * (1.0 - v + log(v)) {
            return log(d) + log(v);
        }
    }
}

/// A beta number: the share of one gamma number in the sum of two.
pub(super) fn beta(rng: &mut Pcg64, a: f64, b: f64) -> f64 {
    let difference = log_gamma(rng, b) - log_gamma(rng, a);
    if difference > 0.0 {
        let odds = exp(-difference);
        odds / (1.0 + odds)
    } else {
        1.0 / (1.0 + exp(difference))
    }
}

/// A Poisson number.
pub(super) fn poisson(rng: &mut Pcg64, mean: f64) -> f64 {
    if mean < 10.0 {
        poisson_by_products(rng, mean)
    } else {
        poisson_by_rejection(rng, mean)
    }
}

/// Counts exponential waiting times (Knuth, "The Art of Computer Programming", 3.4.1).
fn poisson_by_products(rng: &mut Pcg64, mean: f64) -> f64 {
    let limit = exp(-mean);
    let (mut count, mut product) = (0.0, rng.next_double());
    while product > limit {
        count += 1.0;
        product *= rng.next_double();
    }
    count
}

/// W. Hörmann, "The transformed rejection method for generating Poisson random variables", 1993
/// (PTRS).
fn poisson_by_rejection(rng: &mut Pcg64, mean: f64) -> f64 {
    let log_mean = log(mean);
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.024_83 * b;
    let log_inverse_alpha = log(1.123_9 + 1.132_8 / (b - 3.4));
    let v_r = 0.927_7 - 3.622_4 / (b - 2.0);
    loop {
        let u = rng.next_double() - 0.5;
        let v = open_uniform(rng);
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= v_r {
            return k;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let bound = k * log_mean - mean - libm::lgamma(k + 1.0);
        if log(v) + log_inverse_alpha - log(a / (us * us) + b) <= bound {
            return k;
        }
    }
}

/// An exponential number.
pub(super) fn exponential(rng: &mut Pcg64) -> f64 {
    -log1p(-rng.next_double())
}
