//! Runs an expression's steps over a stack.

use super::functions::list;
use super::operators::{Number, Operand, combine};
use super::parser::{Action, Step};
use super::value::Value;
use super::{Name, Problem};

pub(super) fn evaluate(
    steps: &[Step],
    names: &[Name],
    lookup: &dyn Fn(&str) -> Option<Value>,
) -> Result<Value, Problem> {
    let mut stack: Vec<Operand> = Vec::new();
    for step in steps {
        let operand = apply(step, &mut stack, names, lookup)?;
        stack.push(operand);
    }
    let value = match stack.pop() {
        Some(Operand::Array(grid)) => Value::Array(grid),
        Some(Operand::Number(number)) => Value::Number(number.value()),
        None => return Err(Problem::new(1, "the expression is empty")),
    };
    check_finite(&value)?;
    Ok(value)
}

fn apply(
    step: &Step,
    stack: &mut Vec<Operand>,
    names: &[Name],
    lookup: &dyn Fn(&str) -> Option<Value>,
) -> Result<Operand, Problem> {
    let at_step = |message: String| Problem::new(step.column, message);
    match step.action {
        Action::Int(value) => Ok(Operand::Number(Number::Int(value))),
        Action::Float(value) => Ok(Operand::Number(Number::Float(value))),
        Action::Name(index) => {
            let name = &names[index].name;
            match lookup(name) {
                Some(Value::Number(value)) => Ok(Operand::Number(Number::Float(value))),
                Some(Value::Array(grid)) => Ok(Operand::Array(grid)),
                None => Err(at_step(format!("`{name}` has no value"))),
            }
        }
        Action::Negate => Ok(pop(stack, step)?.negate()),
        Action::Plus => pop(stack, step),
        Action::Binary(operator) => {
            let right = pop(stack, step)?;
            let left = pop(stack, step)?;
            combine(operator, left, right).map_err(at_step)
        }
        Action::List(n) => list(pop_many(stack, n)).map_err(at_step),
        Action::Call(function, n) => function.call(pop_many(stack, n)).map_err(at_step),
    }
}

fn pop(stack: &mut Vec<Operand>, step: &Step) -> Result<Operand, Problem> {
    stack
        .pop()
        .ok_or_else(|| Problem::new(step.column, "an operand is missing"))
}

fn pop_many(stack: &mut Vec<Operand>, n: usize) -> Vec<Operand> {
    stack.split_off(stack.len().saturating_sub(n))
}

fn check_finite(value: &Value) -> Result<(), Problem> {
    let found = match value {
        Value::Number(value) => (!value.is_finite()).then_some(*value),
        Value::Array(grid) => grid
            .values()
            .iter()
            .copied()
            .find(|value| !value.is_finite()),
    };
    match found {
        None => Ok(()),
        Some(value) => Err(Problem::new(
            1,
            format!("the result is `{value}`, not a finite number"),
        )
        .hint("does it divide by zero, or take the logarithm of zero?")),
    }
}
