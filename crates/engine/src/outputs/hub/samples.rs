//! Which trajectories are submitted.

use epycloud_kernel::random::Pcg64;

/// Picks `n` of `n_all` indices, ascending, as `numpy.random.default_rng(seed)` does with
/// `choice(n_all, n, replace=False)` and sorting; all of them if there are no more.
pub(super) fn pick(n_all: usize, n: usize, seed: u64) -> Vec<usize> {
    if n_all <= n {
        return (0..n_all).collect();
    }
    let mut rng = Pcg64::new(seed);
    let mut picked = if n_all > 10_000 && n > n_all / 50 {
        by_shuffling(n_all, n, &mut rng)
    } else {
        by_floyd(n_all, n, &mut rng)
    };
    picked.sort_unstable();
    picked
}

/// Shuffles the last `n`, as numpy does with large parts of large sets.
fn by_shuffling(n_all: usize, n: usize, rng: &mut Pcg64) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..n_all).collect();
    for at in ((n_all - n).max(1)..n_all).rev() {
        indices.swap(at, below_or_at(at, rng));
    }
    indices.split_off(n_all - n)
}

/// R. W. Floyd's algorithm (J. Bentley, "Programming pearls: a sample of brilliance", 1987).
fn by_floyd(n_all: usize, n: usize, rng: &mut Pcg64) -> Vec<usize> {
    let mut picked: Vec<usize> = Vec::with_capacity(n);
    for last in n_all - n..n_all {
        let index = below_or_at(last, rng);
        picked.push(if picked.contains(&index) { last } else { index });
    }
    picked
}

fn below_or_at(last: usize, rng: &mut Pcg64) -> usize {
    usize::try_from(rng.bounded(last as u64)).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_equal_those_recorded_from_numpy() {
        // numpy.sort(numpy.random.default_rng(seed).choice(n_all, n, replace=False)) of numpy 2.4
        for (n_all, n, seed, expected) in RECORDED {
            assert_eq!(pick(n_all, n, seed), expected);
        }
        assert_eq!(pick(3, 5, 1), [0, 1, 2]);
    }

    #[test]
    fn large_parts_equal_those_recorded_from_numpy() {
        let picked = pick(10_001, 500, 7);
        let sum: usize = picked.iter().sum();
        assert_eq!((picked[0], picked[499], sum), LARGE);
    }

    const RECORDED: [(usize, usize, u64, &[usize]); 4] = [
        (10, 4, 42, &[0, 4, 5, 6]),
        (100, 7, 1, &[3, 14, 44, 48, 72, 82, 92]),
        (
            300,
            12,
            99,
            &[52, 93, 146, 150, 165, 170, 183, 220, 276, 277, 286, 287],
        ),
        (1000, 5, 0, &[269, 307, 510, 635, 847]),
    ];
    const LARGE: (usize, usize, usize) = (30, 9957, 2574863);
}
