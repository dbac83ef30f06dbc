//! How far simulated data are from observed ones.

use serde::{Deserialize, Serialize};

use crate::numpy_sum::numpy_sum;

/// By how much a partial sum must exceed its limit before a simulation is given up: more than the
/// rounding of any order of summation, so that no simulation is given up that would be accepted.
const MARGIN: f64 = 1e-9;

/// A distance of `epydemix.calibration.metrics`, or of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DistanceFunction {
    /// Root of the mean squared error.
    Rmse,
    /// Sum of the absolute errors over the sum of the absolute observations.
    Wmape,
    /// Sum of the absolute errors. epydemix's `ae` is the list of them, which no strategy of its
    /// own can compare with a threshold unless there is a single observation.
    Ae,
    /// Mean absolute error.
    Mae,
    /// Mean absolute percentage error over the observations that aren't zero.
    Mape,
    /// Root of the mean squared error with weights `1/n, …, 1/2, 1` in order of time, so that the
    /// newest observation counts most (the suite's own).
    Wrmse,
}

/// Observations that have no distance from anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DistanceError {
    /// No observations at all.
    #[error("there are no observations to compare with")]
    Empty,
    /// An observation isn't a number.
    #[error("observation {index} is not a number")]
    NotANumber {
        /// Which one, from 0.
        index: usize,
    },
    /// A relative distance from zeros.
    #[error("`{function}` is undefined when all observations are zero", function = name(*.function))]
    AllZero {
        /// The distance.
        function: DistanceFunction,
    },
}

const fn name(function: DistanceFunction) -> &'static str {
    match function {
        DistanceFunction::Rmse => "rmse",
        DistanceFunction::Wmape => "wmape",
        DistanceFunction::Ae => "ae",
        DistanceFunction::Mae => "mae",
        DistanceFunction::Mape => "mape",
        DistanceFunction::Wrmse => "wrmse",
    }
}

impl DistanceFunction {
    /// The distance of that name.
    #[must_use]
    pub fn find(name_given: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|&function| name(function) == name_given)
    }

    /// Its name in experiments.
    #[must_use]
    pub const fn name(self) -> &'static str {
        name(self)
    }

    /// All distances.
    pub const ALL: [Self; 6] = [
        Self::Rmse,
        Self::Wmape,
        Self::Ae,
        Self::Mae,
        Self::Mape,
        Self::Wrmse,
    ];
}

/// The distance from given observations: a function of a sum of one non-negative term an
/// observation, which is what allows a simulation to be given up before its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    function: DistanceFunction,
    observed: Vec<f64>,
    /// What the sum is divided by.
    divisor: f64,
}

impl Distance {
    /// The distance from observations, in order of time.
    ///
    /// # Errors
    /// When there are none, one of them isn't a number, or a relative distance has nothing but
    /// zeros to relate to.
    pub fn new(function: DistanceFunction, observed: Vec<f64>) -> Result<Self, DistanceError> {
        if observed.is_empty() {
            return Err(DistanceError::Empty);
        }
        if let Some(index) = observed.iter().position(|value| !value.is_finite()) {
            return Err(DistanceError::NotANumber { index });
        }
        let sizes: Vec<f64> = observed.iter().map(|value| value.abs()).collect();
        let n_non_zero = sizes.iter().filter(|&&size| size > 0.0).count();
        let is_relative = matches!(function, DistanceFunction::Wmape | DistanceFunction::Mape);
        if is_relative && n_non_zero == 0 {
            return Err(DistanceError::AllZero { function });
        }
        let n = observed.len();
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of observations are small"
        )]
        let divisor = match function {
            DistanceFunction::Rmse | DistanceFunction::Mae => n as f64,
            DistanceFunction::Wmape => numpy_sum(&sizes),
            DistanceFunction::Ae => 1.0,
            DistanceFunction::Mape => n_non_zero as f64,
            DistanceFunction::Wrmse => {
                numpy_sum(&(0..n).map(|index| weight(index, n)).collect::<Vec<_>>())
            }
        };
        Ok(Self {
            function,
            observed,
            divisor,
        })
    }

    /// The observations.
    #[must_use]
    pub fn observed(&self) -> &[f64] {
        &self.observed
    }

    /// The distance of simulated data, one value an observation, summed as numpy sums.
    #[must_use]
    pub fn of(&self, simulated: &[f64]) -> f64 {
        debug_assert_eq!(simulated.len(), self.observed.len());
        let terms: Vec<f64> = simulated
            .iter()
            .enumerate()
            .filter(|&(index, _)| self.counts(index))
            .map(|(index, &value)| self.term(index, value))
            .collect();
        let quotient = numpy_sum(&terms) / self.divisor;
        if self.is_root() {
            quotient.sqrt()
        } else {
            quotient
        }
    }

    /// What one simulated value adds to the sum; never negative.
    #[must_use]
    pub fn term(&self, index: usize, simulated: f64) -> f64 {
        let observed = self.observed[index];
        let error = observed - simulated;
        match self.function {
            DistanceFunction::Rmse => error * error,
            DistanceFunction::Wmape | DistanceFunction::Ae | DistanceFunction::Mae => error.abs(),
            DistanceFunction::Mape if observed == 0.0 => 0.0,
            DistanceFunction::Mape => (error / observed).abs(),
            DistanceFunction::Wrmse => weight(index, self.observed.len()) * (error * error),
        }
    }

    /// The sum of terms above which the distance is certainly greater than `epsilon`.
    #[must_use]
    pub fn limit(&self, epsilon: f64) -> f64 {
        let quotient = if self.is_root() {
            epsilon * epsilon
        } else {
            epsilon
        };
        self.divisor * quotient * (1.0 + MARGIN)
    }

    fn counts(&self, index: usize) -> bool {
        self.function != DistanceFunction::Mape || self.observed[index] != 0.0
    }

    const fn is_root(&self) -> bool {
        matches!(
            self.function,
            DistanceFunction::Rmse | DistanceFunction::Wrmse
        )
    }
}

/// The weight of one of `n` observations in [`DistanceFunction::Wrmse`].
#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of observations are small"
)]
fn weight(index: usize, n: usize) -> f64 {
    1.0 / ((n - index) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBSERVED: [f64; 9] = [0.0, 3.0, 10.0, 7.5, 0.0, 20.0, 31.0, 12.0, 1.0];
    const SIMULATED: [f64; 9] = [1.0, 0.0, 14.0, 7.0, 2.0, 25.0, 28.0, 12.0, 0.0];

    fn distance(function: DistanceFunction) -> Distance {
        Distance::new(function, OBSERVED.to_vec()).unwrap()
    }

    /// From `epydemix.calibration` 1.5.0 (`ae` summed) and the suite's `wrmse`.
    #[test]
    fn distances_equal_epydemixs() {
        for (function, expected) in RECORDED {
            assert_eq!(distance(function).of(&SIMULATED), expected, "{function:?}");
        }
    }

    const RECORDED: [(DistanceFunction, f64); 6] = [
        (DistanceFunction::Rmse, 2.692582403567252),
        (DistanceFunction::Wmape, 0.23076923076923078),
        (DistanceFunction::Ae, 19.5),
        (DistanceFunction::Mae, 2.1666666666666665),
        (DistanceFunction::Mape, 0.40192012288786483),
        (DistanceFunction::Wrmse, 2.272809139167471),
    ];

    #[test]
    fn no_prefix_of_an_acceptable_simulation_exceeds_the_limit() {
        for function in DistanceFunction::ALL {
            let distance = distance(function);
            let epsilon = distance.of(&SIMULATED);
            let mut sum = 0.0;
            for (index, &value) in SIMULATED.iter().enumerate() {
                sum += distance.term(index, value);
                assert!(sum <= distance.limit(epsilon), "{function:?}");
            }
            assert!(sum > distance.limit(epsilon * 0.999), "{function:?}");
        }
    }

    #[test]
    fn what_has_no_distance_is_refused() {
        let new = |function, observed: &[f64]| Distance::new(function, observed.to_vec());
        assert_eq!(new(DistanceFunction::Rmse, &[]), Err(DistanceError::Empty));
        let error = new(DistanceFunction::Mae, &[1.0, f64::NAN]);
        assert_eq!(error, Err(DistanceError::NotANumber { index: 1 }));
        let error = new(DistanceFunction::Mape, &[0.0, 0.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`mape` is undefined when all observations are zero"
        );
        assert!(new(DistanceFunction::Rmse, &[0.0]).is_ok());
    }
}
