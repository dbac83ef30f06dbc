//! Parameters in the forms that epydemix takes them, and what it makes of them.

use serde::Serialize;

/// A parameter and the periods in which it has another value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its value.
    pub value: Value,
    /// Its overrides, applied in order.
    pub overrides: Vec<Override>,
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number for everybody and always, given to the transition itself and not by name.
    Literal(f64),
    /// A number for everybody and always.
    Scalar(f64),
    /// One value a step, `[T]`.
    ByStep(Vec<f64>),
    /// One value a group, `[1, G]`.
    ByGroup(Vec<f64>),
    /// Row-major `[T, G]`.
    ByStepAndGroup(Vec<f64>),
}

/// Another value during some steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Override {
    /// First step.
    pub first: usize,
    /// Last step, included.
    pub last: usize,
    /// The value for every group.
    pub value: f64,
}

impl Parameter {
    /// A parameter without overrides.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self {
            value,
            overrides: Vec::new(),
        }
    }

    /// The values that a simulation uses, row-major `[1 or T, G]`.
    #[must_use]
    pub fn rows(&self, n_steps: usize, n_groups: usize) -> Vec<f64> {
        let mut rows: Vec<f64> = match &self.value {
            Value::Literal(value) | Value::Scalar(value) => vec![*value; n_groups],
            Value::ByGroup(values) | Value::ByStepAndGroup(values) => values.clone(),
            Value::ByStep(values) => values
                .iter()
                .flat_map(|&value| std::iter::repeat_n(value, n_groups))
                .collect(),
        };
        if self.overrides.is_empty() {
            return rows;
        }
        if rows.len() == n_groups {
            rows = rows.repeat(n_steps);
        }
        for Override { first, last, value } in &self.overrides {
            rows[first * n_groups..(last + 1) * n_groups].fill(*value);
        }
        rows
    }
}
