//! The natural logarithm, after Arm's optimized-routines (`math/log.c`), which glibc uses.
//!
//! Copyright (c) 2018 Arm Limited, MIT; see `licenses/arm-optimized-routines.txt`.

use super::log_table::CENTRES;

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fefa_3800);
const LN2_LOW: f64 = f64::from_bits(0x3d2e_f357_93c7_6730);
/// Lower end of the mantissa's range.
const OFFSET: u64 = 0x3fe6_0000_0000_0000;
const A: [f64; 5] = [
    f64::from_bits(0xbfe0_0000_0000_0001),
    f64::from_bits(0x3fd5_5555_5551_305b),
    f64::from_bits(0xbfcf_ffff_ffeb_4590),
    f64::from_bits(0x3fc9_99b3_24f1_0111),
    f64::from_bits(0xbfc5_5575_e506_c89f),
];
const B: [f64; 11] = [
    -0.5,
    f64::from_bits(0x3fd5_5555_5555_5577),
    f64::from_bits(0xbfcf_ffff_ffff_fdcb),
    f64::from_bits(0x3fc9_9999_9995_dd0c),
    f64::from_bits(0xbfc5_5555_5567_45a7),
    f64::from_bits(0x3fc2_4924_a344_de30),
    f64::from_bits(0xbfbf_ffff_a442_3d65),
    f64::from_bits(0x3fbc_7184_282a_d6ca),
    f64::from_bits(0xbfb9_99eb_43b0_68ff),
    f64::from_bits(0x3fb7_8182_f7af_d085),
    f64::from_bits(0xbfb5_5213_75d1_45cd),
];
/// Around 1 the table would lose the leading digits.
const NEAR_ONE: std::ops::Range<u64> =
    (1.0_f64 - 0.0625).to_bits()..(1.0_f64 + 0.064_697_265_625).to_bits();

/// The natural logarithm of `x`.
#[must_use]
pub fn log(x: f64) -> f64 {
    let bits = x.to_bits();
    if NEAR_ONE.contains(&bits) {
        return near_one(x);
    }
    if bits.wrapping_sub(0x0010_0000_0000_0000) < 0x7fe0_0000_0000_0000 {
        return of_normal(bits);
    }
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x == f64::INFINITY {
        x
    } else if x.is_nan() || x < 0.0 {
        f64::NAN
    } else {
        let normalized = x * 4_503_599_627_370_496.0;
        of_normal(normalized.to_bits().wrapping_sub(52 << 52))
    }
}

/// `x = 2^k z`, and `log(z) = log(c) + log(z/c)` for the table's nearest `c`.
fn of_normal(bits: u64) -> f64 {
    let offset = bits.wrapping_sub(OFFSET);
    let (inverse, logarithm) = CENTRES[((offset >> 45) & 0x7f) as usize];
    let k = ((offset as i64) >> 52) as f64;
    let z = f64::from_bits(bits.wrapping_sub(offset & (0xfff << 52)));
    let r = z.mul_add(f64::from_bits(inverse), -1.0);
    let whole = k.mul_add(LN2_HIGH, f64::from_bits(logarithm));
    let high = whole + r;
    let low = k.mul_add(LN2_LOW, whole - high + r);
    let r2 = r * r;
    let series = r.mul_add(A[4], A[3]).mul_add(r2, r.mul_add(A[2], A[1]));
    (r * r2).mul_add(series, r2.mul_add(A[0], low)) + high
}

fn near_one(x: f64) -> f64 {
    const SPLIT: f64 = 134_217_728.0;
    if x == 1.0 {
        return 0.0;
    }
    let r = x - 1.0;
    let r2 = r * r;
    let r3 = r * r2;
    let first = r2.mul_add(B[3], r.mul_add(B[2], B[1]));
    let second = r2.mul_add(B[6], r.mul_add(B[5], B[4]));
    let third = r3.mul_add(B[10], r2.mul_add(B[9], r.mul_add(B[8], B[7])));
    let series = third.mul_add(r3, second).mul_add(r3, first);
    // The square of r's upper half is exact.
    let upper = (-SPLIT).mul_add(r, r.mul_add(SPLIT, r));
    let square = upper * upper;
    let high = square.mul_add(B[0], r);
    let low = square.mul_add(B[0], r - high);
    let low = (B[0] * (r - upper)).mul_add(upper + r, low);
    series.mul_add(r3, low) + high
}
