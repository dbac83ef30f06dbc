//! Multinomial draws as numpy's `Generator.multinomial` makes them: conditional binomials, and the
//! last category takes what is left.

use super::Pcg64;
use super::binomial::draw_binomial;

/// What numpy refuses with a `ValueError`, before it draws anything.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidDraw {
    /// A probability is below 0, above 1 or not a number.
    #[error("probability `{value}` of category {category} is not in [0, 1]")]
    ProbabilityOutOfRange {
        /// The category, from 0.
        category: usize,
        /// Its probability.
        value: f64,
    },
    /// All probabilities but the last sum to more than 1.
    #[error("probabilities without the last one sum to `{sum}`, more than 1")]
    ProbabilitiesAboveOne {
        /// The sum.
        sum: f64,
    },
    /// Fewer than no trials, or more than a double counts exactly.
    #[error("`{n}` trials are not from 0 to 2^53")]
    TrialsOutOfRange {
        /// The number of trials.
        n: i64,
    },
}

/// Distributes `n` over categories, as `Generator.multinomial(n, probabilities)`; the counts
/// replace what `counts` holds, one a category.
///
/// The last probability is never used: the last category takes what the others leave.
///
/// # Errors
/// As numpy: a negative `n`, a probability outside `[0, 1]` or not a number, or a sum without the
/// last one above `1 + 1e-12`. Besides, more than 2^53 trials. Nothing has been taken from the
/// stream then.
pub fn multinomial(
    rng: &mut Pcg64,
    n: i64,
    probabilities: &[f64],
    counts: &mut [i64],
) -> Result<(), InvalidDraw> {
    check_probabilities(probabilities)?;
    check_trials(n)?;
    counts.fill(0);
    let Some((last, counts)) = counts.split_last_mut() else {
        return Ok(());
    };
    let mut left = n;
    let mut remaining = 1.0;
    for (count, &p) in counts.iter_mut().zip(probabilities) {
        *count = draw_binomial(rng, left as f64, p / remaining) as i64;
        left -= *count;
        if left <= 0 {
            return Ok(());
        }
        remaining -= p;
    }
    *last = left;
    Ok(())
}

pub(super) fn check_trials(n: i64) -> Result<(), InvalidDraw> {
    if (0..=1 << 53).contains(&n) {
        Ok(())
    } else {
        Err(InvalidDraw::TrialsOutOfRange { n })
    }
}

/// numpy's checks of `pvals`.
#[inline]
pub(crate) fn check_probabilities(probabilities: &[f64]) -> Result<(), InvalidDraw> {
    let outside = |p: &f64| !(0.0..=1.0).contains(p);
    if let Some(category) = probabilities.iter().position(outside) {
        return Err(InvalidDraw::ProbabilityOutOfRange {
            category,
            value: probabilities[category],
        });
    }
    let but_last = probabilities
        .split_last()
        .map_or(probabilities, |(_, rest)| rest);
    let sum = kahan_sum(but_last);
    if sum > 1.0 + 1e-12 {
        return Err(InvalidDraw::ProbabilitiesAboveOne { sum });
    }
    Ok(())
}

/// Compensated summation, as numpy checks the sum.
fn kahan_sum(values: &[f64]) -> f64 {
    let Some((&first, rest)) = values.split_first() else {
        return 0.0;
    };
    let mut sum = first;
    let mut lost = 0.0;
    for value in rest {
        let corrected = value - lost;
        let next = sum + corrected;
        lost = (next - sum) - corrected;
        sum = next;
    }
    sum
}
