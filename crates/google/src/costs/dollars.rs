//! Amounts of money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Div, Mul};

use serde::Serialize;

/// US dollars, as exact as an estimate needs. Shown with cents from a dollar on, with a tenth of a
/// cent below.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Dollars(pub f64);

impl Add for Dollars {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Mul<f64> for Dollars {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl Div<f64> for Dollars {
    type Output = Self;

    fn div(self, divisor: f64) -> Self {
        Self(self.0 / divisor)
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        // Not the standard library's own start, which is -0.
        amounts.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.0;
        if amount >= 1.0 {
            write!(f, "${amount:.2}")
        } else if amount == 0.0 || amount >= 0.0005 {
            write!(f, "${amount:.3}")
        } else {
            f.write_str("less than $0.001")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dollars;

    #[test]
    fn amounts_are_shown_as_exactly_as_they_matter() {
        for (amount, shown) in [
            (0.0, "$0.000"),
            (0.0004, "less than $0.001"),
            (0.0674, "$0.067"),
            (1.0, "$1.00"),
            (1234.567, "$1234.57"),
        ] {
            assert_eq!(Dollars(amount).to_string(), shown);
        }
        let none: Dollars = std::iter::empty().sum();
        assert_eq!(none.to_string(), "$0.000");
    }
}
