//! Whether two sets of seeds differ in any number.

use std::fmt;

use epycloud_kernel::random::Pcg64;

use super::Numbers;

const PERMUTATIONS: u32 = 4_999;

/// Two sets of seeds, compared.
pub(crate) struct Comparison {
    /// Probability of so large a greatest difference if the two are the same.
    pub(crate) p: f64,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    ours: (f64, f64),
    theirs: (f64, f64),
    t: f64,
}

/// Compares in every number that both have, which has to be all of them.
pub(crate) fn compare(ours: &[Numbers], theirs: &[Numbers]) -> Comparison {
    let names: Vec<&String> = ours[0].keys().collect();
    assert_eq!(names, theirs[0].keys().collect::<Vec<_>>());
    let all: Vec<Vec<f64>> = ours
        .iter()
        .chain(theirs)
        .map(|numbers| numbers.values().copied().collect())
        .collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    let observed = differences(&all, &order, ours.len());
    let greatest = largest(&observed);
    let mut rng = Pcg64::new(1);
    let mut as_large = 1;
    for _ in 0..PERMUTATIONS {
        rng.shuffle(&mut order);
        if largest(&differences(&all, &order, ours.len())) >= greatest {
            as_large += 1;
        }
    }
    let rows = names.into_iter().zip(observed).map(|(name, t)| Row {
        name: name.clone(),
        ours: moments(ours.iter().map(|numbers| numbers[name])),
        theirs: moments(theirs.iter().map(|numbers| numbers[name])),
        t,
    });
    Comparison {
        p: f64::from(as_large) / f64::from(PERMUTATIONS + 1),
        rows: rows.collect(),
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Student's t of every number, in absolute value: the first `n` of the order against the others.
fn differences(all: &[Vec<f64>], order: &[usize], n: usize) -> Vec<f64> {
    let (left, right) = order.split_at(n);
    (0..all[0].len())
        .map(|number| {
            let of = |seeds: &[usize]| moments(seeds.iter().map(|&seed| all[seed][number]));
            let ((mean, variance), (other_mean, other_variance)) = (of(left), of(right));
            let freedom = (left.len() + right.len() - 2) as f64;
            let squares = variance * (left.len() - 1) as f64;
            let other_squares = other_variance * (right.len() - 1) as f64;
            let pooled = (squares + other_squares) / freedom;
            let error = pooled * (1.0 / left.len() as f64 + 1.0 / right.len() as f64);
            // a number that never varies says nothing, unless it is another one
            match ((mean - other_mean).abs(), error.sqrt()) {
                (difference, error) if error > 0.0 => difference / error,
                (difference, _) if difference > 0.0 => f64::INFINITY,
                _ => 0.0,
            }
        })
        .collect()
}

/// Mean and variance.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares = values.map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, squares / (n - 1.0))
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:34} {:>24} {:>24} {:>7}", "", "ours", "suite", "t")?;
        for row in &self.rows {
            let shown =
                |(mean, variance): (f64, f64)| format!("{mean:.5} ± {:.5}", variance.sqrt());
            let (ours, theirs) = (shown(row.ours), shown(row.theirs));
            writeln!(f, "{:34} {ours:>24} {theirs:>24} {:>7.2}", row.name, row.t)?;
        }
        write!(f, "p of the greatest: {:.4}", self.p)
    }
}
