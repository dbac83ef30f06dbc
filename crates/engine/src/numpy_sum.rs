//! Sums in the order in which numpy adds.

/// Elements that numpy adds in one block before it splits.
const BLOCK: usize = 128;

/// The sum of contiguous doubles as `numpy.sum` gives it, to the last bit: one after the other
/// below eight, with eight accumulators up to 128, and halves above that (pairwise summation,
/// `numpy/_core/src/umath/loops_utils.h.src`).
pub(crate) fn numpy_sum(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 8 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    if n > BLOCK {
        let half = n / 2;
        let (left, right) = values.split_at(half - half % 8);
        return numpy_sum(left) + numpy_sum(right);
    }
    let (blocks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(sum, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sum(1 / (i + 1) for i in range(n))` by `numpy.sum` of numpy 2.4.6, where the order shows.
    #[test]
    fn sums_equal_numpys_bit_for_bit() {
        for (n, expected) in EXPECTED {
            let values: Vec<f64> = (0..n).map(|i| 1.0 / (f64::from(i) + 1.0)).collect();
            assert_eq!(numpy_sum(&values), expected, "{n}");
        }
    }

    const EXPECTED: [(u32, f64); 7] = [
        (0, 0.0),
        (7, 2.5928571428571425),
        (35, 4.146781419016861),
        (128, 5.433147092589173),
        (129, 5.440899030573669),
        (1000, 7.485470860550345),
        (4097, 8.895347978001228),
    ];
}
