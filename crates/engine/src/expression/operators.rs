//! Arithmetic as Python and numpy do it, operation by operation.

use super::parser::Operator;
use super::value::Grid;

/// A value on the stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Number(Number),
    Array(Grid),
}

/// A number. Python's and numpy's differ in what a division by zero is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// Python's `int`, exact up to 128 bits.
    Int(i128),
    /// Python's `float`.
    Float(f64),
    /// numpy's `float64`: what functions return.
    Numpy(f64),
}

impl Number {
    pub(super) fn value(self) -> f64 {
        match self {
            Self::Int(value) => to_float(value),
            Self::Float(value) | Self::Numpy(value) => value,
        }
    }

    fn negate(self) -> Self {
        match self {
            Self::Int(value) => value
                .checked_neg()
                .map_or(Self::Float(-to_float(value)), Self::Int),
            Self::Float(value) => Self::Float(-value),
            Self::Numpy(value) => Self::Numpy(-value),
        }
    }
}

impl Operand {
    pub(super) fn negate(self) -> Self {
        match self {
            Self::Number(number) => Self::Number(number.negate()),
            Self::Array(grid) => Self::Array(grid.map(|value| -value)),
        }
    }
}

/// Combines two operands.
pub(super) fn combine(
    operator: Operator,
    left: Operand,
    right: Operand,
) -> Result<Operand, String> {
    match (left, right) {
        (Operand::Number(left), Operand::Number(right)) => {
            numbers(operator, left, right).map(Operand::Number)
        }
        (Operand::Array(left), Operand::Number(right)) if operator == Operator::Power => {
            Ok(Operand::Array(left.map(array_power(right.value()))))
        }
        (left, right) => element_by_element(left, right, |a, b| numpy(operator, a, b)),
    }
}

/// Applies a function of two numbers with numpy's broadcasting.
pub(super) fn element_by_element(
    left: Operand,
    right: Operand,
    function: impl Fn(f64, f64) -> f64,
) -> Result<Operand, String> {
    Ok(match (left, right) {
        (Operand::Number(left), Operand::Number(right)) => {
            Operand::Number(Number::Numpy(function(left.value(), right.value())))
        }
        (Operand::Array(left), Operand::Number(right)) => {
            Operand::Array(left.map(|value| function(value, right.value())))
        }
        (Operand::Number(left), Operand::Array(right)) => {
            Operand::Array(right.map(|value| function(left.value(), value)))
        }
        (Operand::Array(left), Operand::Array(right)) => Operand::Array(
            left.zip(&right, function)
                .ok_or_else(|| format!("{} don't combine with {}", left.shape(), right.shape()))?,
        ),
    })
}

fn numbers(operator: Operator, left: Number, right: Number) -> Result<Number, String> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => match integers(operator, left, right)? {
            Some(value) => Ok(Number::Int(value)),
            None => python(operator, to_float(left), to_float(right)).map(Number::Float),
        },
        (Number::Numpy(_), _) | (_, Number::Numpy(_)) => {
            Ok(Number::Numpy(numpy(operator, left.value(), right.value())))
        }
        _ => python(operator, left.value(), right.value()).map(Number::Float),
    }
}

/// Whole numbers that stay whole; `None` where Python makes a float, or where 128 bits don't do.
fn integers(operator: Operator, left: i128, right: i128) -> Result<Option<i128>, String> {
    Ok(match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Power => u32::try_from(right)
            .ok()
            .and_then(|power| left.checked_pow(power)),
        Operator::Modulo if right == 0 => return Err(DIVISION_BY_ZERO.to_owned()),
        Operator::Modulo => left.checked_rem(right).map(|rest| {
            if rest != 0 && (rest < 0) != (right < 0) {
                rest + right
            } else {
                rest
            }
        }),
        Operator::Divide => None,
    })
}

const DIVISION_BY_ZERO: &str = "division by zero";

/// Python's floats: a division by zero is an error, and so is a power that isn't real.
fn python(operator: Operator, left: f64, right: f64) -> Result<f64, String> {
    match operator {
        Operator::Divide | Operator::Modulo if right == 0.0 => Err(DIVISION_BY_ZERO.to_owned()),
        Operator::Power if left == 0.0 && right < 0.0 => Err("zero to a negative power".to_owned()),
        Operator::Power if left < 0.0 && left.is_finite() && right.fract() != 0.0 => {
            Err("a fractional power of a negative number".to_owned())
        }
        _ => Ok(numpy(operator, left, right)),
    }
}

/// IEEE arithmetic: a division by zero is infinite.
fn numpy(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Modulo => modulo(left, right),
        Operator::Power => left.powf(right),
    }
}

/// The rest of a division with the divisor's sign.
fn modulo(left: f64, right: f64) -> f64 {
    let rest = left % right;
    if rest == 0.0 {
        return rest.copysign(right);
    }
    if (rest < 0.0) == (right < 0.0) {
        rest
    } else {
        rest + right
    }
}

/// An array to the power of one number, with numpy's shortcuts (they differ from `pow` in the last
/// bit).
pub(super) fn array_power(exponent: f64) -> impl Fn(f64) -> f64 {
    move |base: f64| {
        if exponent == 2.0 {
            base * base
        } else if exponent == 0.5 {
            base.sqrt()
        } else if exponent == -1.0 {
            1.0 / base
        } else {
            base.powf(exponent)
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "rounds to nearest, as Python does"
)]
fn to_float(value: i128) -> f64 {
    value as f64
}
