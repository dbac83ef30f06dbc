//! How often each group meets the people of a mediating compartment.

use crate::inputs::MatrixOrder;

/// Writes `sum over h of (C[g, h] * people[h]) / sizes[h]` for every group g, adding in numpy's
/// order; `products` is scratch of one row.
pub(super) fn interactions(
    matrix: &[f64],
    order: MatrixOrder,
    people: &[f64],
    sizes: &[f64],
    products: &mut [f64],
    result: &mut [f64],
) {
    for (row, result) in matrix.chunks_exact(people.len()).zip(result) {
        for (((product, contact), people), size) in
            products.iter_mut().zip(row).zip(people).zip(sizes)
        {
            *product = contact * people / size;
        }
        *result = match order {
            MatrixOrder::RowMajor => pairwise_sum(products),
            MatrixOrder::ColumnMajor => products.iter().sum(),
        };
    }
}

/// numpy's summation of contiguous doubles: in order below 8, with eight accumulators up to 128,
/// and by halves (at a multiple of 8) above.
fn pairwise_sum(values: &[f64]) -> f64 {
    match values.len() {
        0..8 => values.iter().sum(),
        8..=128 => {
            let (chunks, rest) = values.as_chunks::<8>();
            let mut sums = [0.0; 8];
            for (index, chunk) in chunks.iter().enumerate() {
                for (sum, value) in sums.iter_mut().zip(chunk) {
                    *sum = if index == 0 { *value } else { *sum + value };
                }
            }
            let [a, b, c, d, e, f, g, h] = sums;
            let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
            rest.iter().fold(total, |total, value| total + value)
        }
        n => {
            let half = n / 2 - (n / 2) % 8;
            pairwise_sum(&values[..half]) + pairwise_sum(&values[half..])
        }
    }
}
