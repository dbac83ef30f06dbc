//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

use epycloud_kernel::math::{exp, expm1, log, log1p};

/// `ln(sqrt(2 pi))`.
pub(super) const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;
/// Below this, the distribution function comes from its asymptotic series.
const SERIES_BELOW: f64 = -30.0;

/// Logarithm of the density.
pub(super) fn log_density(x: f64) -> f64 {
    -0.5 * x * x - LN_SQRT_2PI
}

/// Probability of at most `x`.
pub(super) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Logarithm of the probability of at most `x`, also where that underflows.
fn log_cdf(x: f64) -> f64 {
    if x >= SERIES_BELOW {
        return log(libm::erfc(-x * FRAC_1_SQRT_2)) - LN_2;
    }
    if x == f64::NEG_INFINITY {
        return f64::NEG_INFINITY;
    }
    // phi(x)/|x| * (1 - 1/x^2 + 3/x^4 - 15/x^6 + ...)
    let y = -1.0 / (x * x);
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..=8 {
        term *= y * f64::from(2 * k - 1);
        sum += term;
    }
    log_density(x) - log(-x) + log(sum)
}

/// Logarithm of the probability between `a` and `b`.
pub(super) fn log_mass(a: f64, b: f64) -> f64 {
    if a > 0.0 {
        return log_mass(-b, -a); // the lower tail has more digits
    }
    if b > 0.0 {
        return log1p(-cdf(a) - cdf(-b));
    }
    let upper = log_cdf(b);
    upper + log(-expm1(log_cdf(a) - upper))
}

/// The quantile of a probability strictly between 0 and 1.
///
/// M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", 1988
/// (`PPND16`, about 16 digits).
pub(super) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * horner(&CENTRE[0], r) / horner(&CENTRE[1], r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let x = tail_quantile(-log(tail));
    if q < 0.0 { -x } else { x }
}

/// How far out the tail of probability `exp(-minus_log)` begins.
fn tail_quantile(minus_log: f64) -> f64 {
    let r = minus_log.sqrt();
    let (coefficients, r) = if r <= 5.0 {
        (&MIDDLE, r - 1.6)
    } else {
        (&TAIL, r - 5.0)
    };
    horner(&coefficients[0], r) / horner(&coefficients[1], r)
}

/// A draw from between `a` and `b`, given uniform numbers of `(0, 1)`.
pub(super) fn draw_between(a: f64, b: f64, mut uniform: impl FnMut() -> f64) -> f64 {
    if a > 0.0 {
        return -draw_between(-b, -a, uniform);
    }
    if b < SERIES_BELOW {
        return far_tail(-b, -a, uniform);
    }
    let (low, high) = (cdf(a), cdf(b));
    let p = low + uniform() * (high - low);
    let x = if p < 1.0 { quantile(p) } else { b };
    x.clamp(a, b)
}

/// A draw from between `-b` and `-a` for a large `a`: exponential from `a`, and rejection (C. P.
/// Robert, "Simulation of truncated normal variables", 1995).
fn far_tail(a: f64, b: f64, mut uniform: impl FnMut() -> f64) -> f64 {
    let within = -expm1(-a * (b - a));
    loop {
        let beyond = -log1p(-uniform() * within) / a;
        if uniform() <= exp(-0.5 * beyond * beyond) {
            return -(a + beyond).min(b);
        }
    }
}

fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// Numerator and denominator, from the constant term on.
const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];
const MIDDLE: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-9,
    ],
];
const TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_3,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_7e-15,
    ],
];
