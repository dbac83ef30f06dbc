//! The functions of numpy that an expression may call.

use std::ops::RangeInclusive;

use super::operators::{Number, Operand, array_power, element_by_element};
use super::value::Grid;
use crate::numpy_sum::numpy_sum;

/// A function that an expression may call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function {
    name: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Element by element.
    Map(fn(f64) -> f64),
    /// Of two operands, element by element.
    Zip(fn(f64, f64) -> f64),
    Power,
    Round,
    /// All elements to one number.
    Reduce(fn(&[f64]) -> f64),
    Array,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const FUNCTIONS: [Function; 23] = [
    Function {
        name: "np.abs",
        kind: Kind::Map(f64::abs),
    },
    Function {
        name: "np.array",
        kind: Kind::Array,
    },
    Function {
        name: "np.ceil",
        kind: Kind::Map(f64::ceil),
    },
    Function {
        name: "np.cos",
        kind: Kind::Map(f64::cos),
    },
    Function {
        name: "np.exp",
        kind: Kind::Map(f64::exp),
    },
    Function {
        name: "np.expm1",
        kind: Kind::Map(f64::exp_m1),
    },
    Function {
        name: "np.floor",
        kind: Kind::Map(f64::floor),
    },
    Function {
        name: "np.log",
        kind: Kind::Map(f64::ln),
    },
    Function {
        name: "np.log10",
        kind: Kind::Map(f64::log10),
    },
    Function {
        name: "np.log1p",
        kind: Kind::Map(f64::ln_1p),
    },
    Function {
        name: "np.log2",
        kind: Kind::Map(f64::log2),
    },
    Function {
        name: "np.max",
        kind: Kind::Reduce(largest),
    },
    Function {
        name: "np.maximum",
        kind: Kind::Zip(maximum),
    },
    Function {
        name: "np.mean",
        kind: Kind::Reduce(mean),
    },
    Function {
        name: "np.min",
        kind: Kind::Reduce(smallest),
    },
    Function {
        name: "np.minimum",
        kind: Kind::Zip(minimum),
    },
    Function {
        name: "np.power",
        kind: Kind::Power,
    },
    Function {
        name: "np.round",
        kind: Kind::Round,
    },
    Function {
        name: "np.sin",
        kind: Kind::Map(f64::sin),
    },
    Function {
        name: "np.sqrt",
        kind: Kind::Map(f64::sqrt),
    },
    Function {
        name: "np.square",
        kind: Kind::Map(|value| value * value),
    },
    Function {
        name: "np.sum",
        kind: Kind::Reduce(numpy_sum),
    },
    Function {
        name: "np.tan",
        kind: Kind::Map(f64::tan),
    },
];

impl Function {
    /// The function that has this name, `np.` or `numpy.` included.
    pub(super) fn find(name: &str) -> Option<Self> {
        let short = name
            .strip_prefix("np.")
            .or_else(|| name.strip_prefix("numpy."))?;
        let short = if short == "absolute" { "abs" } else { short };
        FUNCTIONS
            .into_iter()
            .find(|function| function.name[3..] == *short)
    }

    pub(super) fn names() -> Vec<&'static str> {
        FUNCTIONS.iter().map(|function| function.name).collect()
    }

    pub(super) fn arity(self) -> RangeInclusive<usize> {
        match self.kind {
            Kind::Zip(_) | Kind::Power => 2..=2,
            Kind::Round => 1..=2,
            _ => 1..=1,
        }
    }

    /// Applies the function to as many operands as it takes.
    pub(super) fn call(self, mut arguments: Vec<Operand>) -> Result<Operand, String> {
        let second = if arguments.len() > 1 {
            arguments.pop()
        } else {
            None
        };
        match (self.kind, arguments.pop(), second) {
            (Kind::Map(function), Some(operand), None) => Ok(map(operand, function)),
            (Kind::Reduce(function), Some(operand), None) => self.reduce(&operand, function),
            (Kind::Array, Some(operand), None) => Ok(map(operand, |value| value)),
            (Kind::Round, Some(operand), decimals) => round(operand, decimals.as_ref()),
            (Kind::Power, Some(base), Some(exponent)) => power(base, exponent),
            (Kind::Zip(function), Some(left), Some(right)) => {
                element_by_element(left, right, function)
            }
            _ => Err(format!("a wrong number of arguments of `{}`", self.name)),
        }
    }

    fn reduce(self, operand: &Operand, function: fn(&[f64]) -> f64) -> Result<Operand, String> {
        let value = match operand {
            Operand::Array(grid) if grid.values().is_empty() => {
                return Err(format!("`{}` of an empty list", self.name));
            }
            Operand::Array(grid) => function(grid.values()),
            Operand::Number(number) => function(&[number.value()]),
        };
        Ok(Operand::Number(Number::Numpy(value)))
    }
}

fn map(operand: Operand, function: impl Fn(f64) -> f64) -> Operand {
    match operand {
        Operand::Array(grid) => Operand::Array(grid.map(function)),
        Operand::Number(number) => Operand::Number(Number::Numpy(function(number.value()))),
    }
}

fn power(base: Operand, exponent: Operand) -> Result<Operand, String> {
    match (&base, &exponent) {
        (Operand::Number(Number::Int(_)), Operand::Number(Number::Int(power))) if *power < 0 => {
            Err("numpy has no negative whole powers of whole numbers".to_owned())
        }
        (_, Operand::Number(exponent)) => Ok(map(base, array_power(exponent.value()))),
        _ => element_by_element(base, exponent, f64::powf),
    }
}

/// Rounds halves to even; with decimals by scaling, as numpy does.
fn round(operand: Operand, decimals: Option<&Operand>) -> Result<Operand, String> {
    let decimals = match decimals {
        None => 0,
        Some(Operand::Number(Number::Int(decimals @ -20..=20))) => *decimals as i32,
        Some(_) => return Err("`np.round` takes whole decimals from -20 to 20".to_owned()),
    };
    let scale = 10_f64.powi(decimals.abs());
    Ok(map(operand, |value| match decimals {
        0 => value.round_ties_even(),
        1.. => (value * scale).round_ties_even() / scale,
        _ => (value / scale).round_ties_even() * scale,
    }))
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, maximum)
}

fn smallest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, minimum)
}

/// Not a number wins, and of equal zeros the right one, as in numpy.
fn maximum(left: f64, right: f64) -> f64 {
    if left.is_nan() || left > right {
        left
    } else {
        right
    }
}

fn minimum(left: f64, right: f64) -> f64 {
    if left.is_nan() || left < right {
        left
    } else {
        right
    }
}

fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an expression has few values")]
    let n = values.len() as f64;
    numpy_sum(values) / n
}

/// The array of a list's elements.
pub(super) fn list(elements: Vec<Operand>) -> Result<Operand, String> {
    let mut values = Vec::with_capacity(elements.len());
    for element in elements {
        match element {
            Operand::Number(number) => values.push(number.value()),
            Operand::Array(_) => return Err("a list can't contain a list".to_owned()),
        }
    }
    let n = values.len();
    Grid::new(1, n, values)
        .map(Operand::Array)
        .ok_or_else(|| "an impossible list".to_owned())
}
