//! Latin hypercube sampling (McKay, Beckman and Conover, "A Comparison of Three Methods for
//! Selecting Values of Input Variables in the Analysis of Output from a Computer Code", 1979).

use epycloud_kernel::random::Pcg64;

/// Points of `[0, 1)^d`, row-major `[n, d]`, equal to those of
/// `scipy.stats.qmc.LatinHypercube(d, rng=seed).random(n)` (scipy 1.17).
///
/// scipy first draws a number for every coordinate, point by point, and then an order of the `n`
/// strata for every dimension.
pub(super) fn points(n: usize, dimensions: usize, seed: u64) -> Vec<f64> {
    let mut rng = Pcg64::new(seed);
    let mut points: Vec<f64> = (0..n * dimensions).map(|_| rng.next_double()).collect();
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of samples are far below 2^53"
    )]
    let (n_strata, upper_ends) = (n as f64, (1..=n).map(|upper| upper as f64));
    let upper_ends: Vec<f64> = upper_ends.collect();
    for dimension in 0..dimensions {
        let mut order = upper_ends.clone();
        rng.shuffle(&mut order);
        for (point, upper) in points.chunks_exact_mut(dimensions).zip(order) {
            point[dimension] = (upper - point[dimension]) / n_strata;
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stratum_of_every_dimension_has_one_point() {
        let (n, d) = (50, 3);
        let points = points(n, d, 1);
        for dimension in 0..d {
            let mut strata: Vec<usize> = points
                .iter()
                .skip(dimension)
                .step_by(d)
                .map(|u| (u * 50.0) as usize)
                .collect();
            strata.sort_unstable();
            assert!(strata.into_iter().eq(0..n));
        }
    }
}
