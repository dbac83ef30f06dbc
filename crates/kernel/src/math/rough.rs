//! Cheap functions for decisions that are clear: a few units in the twelfth digit off, without the
//! fused multiply-adds that the exact ones need.

use super::exp_table::POWERS;
use super::log_table::CENTRES;
use super::log1p::log1p;

const PARTS_OVER_LN2: f64 = 128.0 * std::f64::consts::LOG2_E;
const LN2_OVER_PARTS: f64 = std::f64::consts::LN_2 / 128.0;
/// 1.5 * 2^52: adding it rounds to an integer, which then stands in the lowest bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// e to the power of `x`, for `x` from -700 to 700, with a relative error below 1e-11.
#[inline]
pub(crate) fn rough_exp(x: f64) -> f64 {
    let rounded = x * PARTS_OVER_LN2 + ROUNDING;
    let k = rounded.to_bits();
    let r = x - (rounded - ROUNDING) * LN2_OVER_PARTS;
    let (_, scale) = POWERS[(k & 0x7f) as usize];
    let scale = f64::from_bits(scale.wrapping_add(k << 45));
    // |r| is below 0.0028, so that the next term is below 3e-12.
    scale * (1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0))))
}

/// The logarithm of a normal `x`, with an absolute error below 1e-12 plus 1e-15 of the result.
#[inline]
pub(crate) fn rough_log(x: f64) -> f64 {
    const OFFSET: u64 = 0x3fe6_0000_0000_0000;
    let bits = x.to_bits();
    let offset = bits.wrapping_sub(OFFSET);
    let (inverse, logarithm) = CENTRES[((offset >> 45) & 0x7f) as usize];
    let k = ((offset as i64) >> 52) as f64;
    let z = f64::from_bits(bits.wrapping_sub(offset & (0xfff << 52)));
    // |r| is below 1/256, so that the next term is below 2e-13.
    let r = z * f64::from_bits(inverse) - 1.0;
    k * std::f64::consts::LN_2
        + f64::from_bits(logarithm)
        + r * (1.0 - r * (0.5 - r * (1.0 / 3.0 - r * 0.25)))
}

/// `log(1 - p)` for `p` of `[0, 1/2]`, with a relative error below 1e-12.
#[inline]
pub(crate) fn rough_log_complement(p: f64) -> f64 {
    if p < 1e-3 {
        // The next term is below 2e-13 of the first.
        -p * (1.0 + p * (0.5 + p * (1.0 / 3.0 + p * 0.25)))
    } else {
        log1p(-p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{exp, log};
    use crate::random::Pcg64;

    #[test]
    fn the_promised_errors_are_kept_with_room_to_spare() {
        let mut rng = Pcg64::new(1);
        for _ in 0..200_000 {
            let x = -45.0 * rng.next_double();
            assert!((rough_exp(x) / exp(x) - 1.0).abs() < 5e-12, "exp({x})");
            let v = (rng.next_double() + 1e-300) * exp(x);
            assert!((rough_log(v) - log(v)).abs() < 1e-12, "log({v})");
            let p = 0.5 * rng.next_double() * exp(x / 4.0);
            let exact = log1p(-p);
            assert!(
                (rough_log_complement(p) - exact).abs() <= 1e-12 * exact.abs(),
                "{p}"
            );
        }
    }
}
