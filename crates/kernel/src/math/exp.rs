//! The exponential function, after Arm's optimized-routines (`math/exp.c`), which glibc uses.
//!
//! Copyright (c) 2018 Arm Limited, MIT; see `licenses/arm-optimized-routines.txt`.

use super::exp_table::POWERS;

const PARTS_OVER_LN2: f64 = f64::from_bits(0x4067_1547_652b_82fe);
const MINUS_LN2_OVER_PARTS_HIGH: f64 = f64::from_bits(0xbf76_2e42_fefa_0000);
const MINUS_LN2_OVER_PARTS_LOW: f64 = f64::from_bits(0xbd0c_f79a_bc9e_3b3a);
/// 1.5 * 2^52: adding it rounds to an integer, which then stands in the lowest bits.
const ROUNDING: f64 = f64::from_bits(0x4338_0000_0000_0000);
const C2: f64 = f64::from_bits(0x3fdf_ffff_ffff_fdbd);
const C3: f64 = f64::from_bits(0x3fc5_5555_5555_543c);
const C4: f64 = f64::from_bits(0x3fa5_5555_cf17_2b91);
const C5: f64 = f64::from_bits(0x3f81_1111_67a4_d017);

/// e to the power of `x`.
#[must_use]
pub fn exp(x: f64) -> f64 {
    let exponent = (x.to_bits() >> 52) & 0x7ff;
    // Biased exponents of 2^-54, 512 and 1024.
    if exponent < 0x3c9 {
        return 1.0 + x;
    }
    if exponent >= 0x409 {
        return outside_range(x);
    }
    let rounded = x.mul_add(PARTS_OVER_LN2, ROUNDING);
    let k = rounded.to_bits();
    let whole = rounded - ROUNDING;
    let r = whole.mul_add(MINUS_LN2_OVER_PARTS_HIGH, x);
    let r = whole.mul_add(MINUS_LN2_OVER_PARTS_LOW, r);
    let (tail, scale) = POWERS[(k & 0x7f) as usize];
    let scale = scale.wrapping_add(k << 45);
    let r2 = r * r;
    let low = r2.mul_add(r.mul_add(C3, C2), r + f64::from_bits(tail));
    let series = (r2 * r2).mul_add(r.mul_add(C5, C4), low);
    if exponent >= 0x408 {
        return near_limits(series, scale, k);
    }
    let scale = f64::from_bits(scale);
    scale.mul_add(series, scale)
}

/// Arguments of at least 1024 in size, infinities and NaN.
const fn outside_range(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x > 0.0 {
        f64::INFINITY
    } else {
        0.0
    }
}

/// Results that may overflow or are subnormal: the exponent of `scale` may have overflowed.
fn near_limits(series: f64, scale: u64, k: u64) -> f64 {
    if k & 0x8000_0000 == 0 {
        let scale = f64::from_bits(scale.wrapping_sub(1009 << 52));
        return power_of_two(1009) * scale.mul_add(series, scale);
    }
    let scale = f64::from_bits(scale.wrapping_add(1022 << 52));
    let rest = scale * series;
    let mut y = scale + rest;
    if y < 1.0 {
        // Rounds once at the place where the subnormal result ends.
        let high = 1.0 + y;
        let low = (1.0 - high + y) + (scale - y + rest);
        y = (low + high) - 1.0;
    }
    power_of_two(-1022) * y
}

const fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}
