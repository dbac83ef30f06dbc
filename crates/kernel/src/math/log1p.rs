//! `log(1 + x)`, after FDLIBM's `s_log1p.c` with glibc's order of the polynomial.
//!
//! Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
//! Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is
//! freely granted, provided that this notice is preserved.

use super::{high_word, with_high_word};

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const L1: f64 = f64::from_bits(0x3fe5_5555_5555_5593);
const L2: f64 = f64::from_bits(0x3fd9_9999_9997_fa04);
const L3: f64 = f64::from_bits(0x3fd2_4924_9422_9359);
const L4: f64 = f64::from_bits(0x3fcc_71c5_1d8e_78af);
const L5: f64 = f64::from_bits(0x3fc7_4664_96cb_03de);
const L6: f64 = f64::from_bits(0x3fc3_9a09_d078_c69f);
const L7: f64 = f64::from_bits(0x3fc2_f112_df3e_5244);
const TWO_THIRDS: f64 = 2.0 / 3.0;

/// The natural logarithm of `1 + x`, exact also near zero.
#[must_use]
pub fn log1p(x: f64) -> f64 {
    let high = high_word(x) as i32;
    let size = high & 0x7fff_ffff;
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x <= -1.0 {
        return if x == -1.0 {
            f64::NEG_INFINITY
        } else {
            f64::NAN
        };
    }
    // 2^-29 and 2^-54.
    if size < 0x3e20_0000 {
        return if size < 0x3c90_0000 {
            x
        } else {
            (-(x * x)).mul_add(0.5, x)
        };
    }
    // -0.2929 < x < 0.41422.
    if (1..0x3fda_827a).contains(&high) || high <= 0xbfd2_bec3_u32 as i32 {
        return of_fraction(x, Scale::NONE, false);
    }
    let (scale, f, is_tiny) = split(x);
    of_fraction(f, scale, is_tiny)
}

/// `1 + x = 2^k (1 + f)`, with `c / (1 + x)` for what the rounded sum lost.
#[derive(Clone, Copy)]
struct Scale {
    k: i32,
    correction: f64,
}

impl Scale {
    const NONE: Self = Self {
        k: 0,
        correction: 0.0,
    };
}

fn split(x: f64) -> (Scale, f64, bool) {
    let (sum, correction) = if x < 9_007_199_254_740_992.0 {
        let sum = 1.0 + x;
        let lost = if sum >= 2.0 {
            1.0 - (sum - x)
        } else {
            x - (sum - 1.0)
        };
        (sum, lost / sum)
    } else {
        (x, 0.0)
    };
    let high = high_word(sum);
    let mut k = (high >> 20) as i32 - 1023;
    let mantissa = high & 0x000f_ffff;
    // Above the square root of 2, halve.
    let (normalized, rest) = if mantissa < 0x6a09e {
        (with_high_word(sum, mantissa | 0x3ff0_0000), mantissa)
    } else {
        k += 1;
        (
            with_high_word(sum, mantissa | 0x3fe0_0000),
            (0x0010_0000 - mantissa) >> 2,
        )
    };
    (Scale { k, correction }, normalized - 1.0, rest == 0)
}

/// `k ln 2 + log(1 + f)`; `is_tiny` says that `f` is below 2^-20 in size.
fn of_fraction(f: f64, Scale { k, correction }: Scale, is_tiny: bool) -> f64 {
    let whole = f64::from(k);
    let correction = whole.mul_add(LN2_LOW, correction);
    let half_square = 0.5 * f * f;
    if is_tiny {
        if f == 0.0 {
            return if k == 0 {
                0.0
            } else {
                whole.mul_add(LN2_HIGH, correction)
            };
        }
        let rest = (-TWO_THIRDS).mul_add(f, 1.0) * half_square;
        return if k == 0 {
            f - rest
        } else {
            whole.mul_add(LN2_HIGH, -((rest - correction) - f))
        };
    }
    let s = f / (2.0 + f);
    let product = s * (half_square + series(s * s));
    if k == 0 {
        f - (half_square - product)
    } else {
        whole.mul_add(LN2_HIGH, -((half_square - (product + correction)) - f))
    }
}

fn series(z: f64) -> f64 {
    let z2 = z * z;
    let z4 = z2 * z2;
    let low = z.mul_add(L1, z2 * z.mul_add(L3, L2));
    let middle = z4.mul_add(z.mul_add(L5, L4), low);
    (z4 * z2).mul_add(z.mul_add(L7, L6), middle)
}
