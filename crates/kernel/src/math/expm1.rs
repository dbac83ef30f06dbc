//! `exp(x) - 1`, after FDLIBM's `s_expm1.c` with glibc's order of the polynomial.
//!
//! Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
//! Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is
//! freely granted, provided that this notice is preserved.

use super::{high_word, with_high_word};

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const INVERSE_LN2: f64 = f64::from_bits(0x3ff7_1547_652b_82fe);
const Q1: f64 = f64::from_bits(0xbfa1_1111_1111_10f4);
const Q2: f64 = f64::from_bits(0x3f5a_01a0_19fe_5585);
const Q3: f64 = f64::from_bits(0xbf14_ce19_9eaa_dbb7);
const Q4: f64 = f64::from_bits(0x3ed0_cfca_86e6_5239);
const Q5: f64 = f64::from_bits(0xbe8a_fdb7_6e09_c32d);

/// e to the power of `x`, minus one, without cancellation near zero.
#[must_use]
pub fn expm1(x: f64) -> f64 {
    let size = high_word(x) & 0x7fff_ffff;
    // 56 ln 2, then 709.78 and infinity.
    if size >= 0x4043_687a {
        if x.is_nan() {
            return x;
        }
        if x < 0.0 {
            return -1.0;
        }
        if x > 709.782_712_893_384 {
            return f64::INFINITY;
        }
    }
    if size < 0x3c90_0000 {
        return x;
    }
    let Reduced { k, r, correction } = reduce(x, size);
    let half = 0.5 * r;
    let square = r * half;
    let series = series(square);
    let t = (-series).mul_add(half, 3.0);
    let e = (series - t) / (-r).mul_add(t, 6.0) * square;
    if k == 0 {
        return r - e.mul_add(r, -square);
    }
    let e = (e - correction).mul_add(r, -correction) - square;
    scale_back(r, e, k)
}

/// `x = k ln 2 + r + correction`.
struct Reduced {
    k: i32,
    r: f64,
    correction: f64,
}

fn reduce(x: f64, size: u32) -> Reduced {
    // Half of ln 2, then three halves.
    if size <= 0x3fd6_2e42 {
        return Reduced {
            k: 0,
            r: x,
            correction: 0.0,
        };
    }
    let (high, low, k) = if size < 0x3ff0_a2b2 {
        let sign = 1.0_f64.copysign(x);
        (x - sign * LN2_HIGH, sign * LN2_LOW, sign as i32)
    } else {
        let k = (INVERSE_LN2 * x + 0.5_f64.copysign(x)) as i32;
        let whole = f64::from(k);
        ((-whole).mul_add(LN2_HIGH, x), whole * LN2_LOW, k)
    };
    let r = high - low;
    Reduced {
        k,
        r,
        correction: (high - r) - low,
    }
}

/// FDLIBM's polynomial in `r²/2`, paired for pipelined processors as glibc has it.
fn series(z: f64) -> f64 {
    let z2 = z * z;
    let low = z2.mul_add(z.mul_add(Q3, Q2), z.mul_add(Q1, 1.0));
    (z2 * z2).mul_add(z.mul_add(Q5, Q4), low)
}

/// `2^k (r - e + 1) - 1`, in the order that loses least for each `k`.
fn scale_back(r: f64, e: f64, k: i32) -> f64 {
    match k {
        -1 => 0.5f64.mul_add(r - e, -0.5),
        1 if r < -0.25 => -2.0 * (e - (r + 0.5)),
        1 => 2.0f64.mul_add(r - e, 1.0),
        2..20 => {
            let one_less = with_high_word(0.0, 0x3ff0_0000 - (0x0020_0000 >> k));
            add_exponent(one_less - (e - r), k)
        }
        20..=56 => {
            let power = with_high_word(0.0, ((0x3ff - k) as u32) << 20);
            add_exponent(r - (e + power) + 1.0, k)
        }
        _ => add_exponent(1.0 - (e - r), k) - 1.0,
    }
}

const fn add_exponent(y: f64, k: i32) -> f64 {
    with_high_word(y, high_word(y).wrapping_add((k << 20) as u32))
}
