//! Values of expressions: numbers, and arrays over time and age groups.

/// The value of a name or an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One number for everybody and always.
    Number(f64),
    /// Numbers that vary with age, time or both.
    Array(Grid),
}

/// Numbers in rows of time and columns of age groups: `[1, G]`, `[T, G]` or `[T, 1]`, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    n_rows: usize,
    n_columns: usize,
    values: Vec<f64>,
}

impl Value {
    /// One value for each age group: `[1, G]`.
    #[must_use]
    pub fn by_group(values: Vec<f64>) -> Self {
        Self::Array(Grid {
            n_rows: 1,
            n_columns: values.len(),
            values,
        })
    }

    /// The number at a step and group, where a lone row or column stands for all.
    #[must_use]
    pub fn at(&self, step: usize, group: usize) -> f64 {
        match self {
            Self::Number(value) => *value,
            Self::Array(grid) => grid.at(step, group),
        }
    }
}

impl Grid {
    /// An array of `n_rows` by `n_columns` in row-major order; `None` when the numbers don't fill
    /// it.
    #[must_use]
    pub fn new(n_rows: usize, n_columns: usize, values: Vec<f64>) -> Option<Self> {
        (n_rows.checked_mul(n_columns) == Some(values.len())).then_some(Self {
            n_rows,
            n_columns,
            values,
        })
    }

    /// Number of rows: 1, or the number of steps.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns: 1, or the number of age groups.
    #[must_use]
    pub const fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The numbers in row-major order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The number at a step and group, where a lone row or column stands for all.
    ///
    /// # Panics
    /// When the step or the group is beyond the array.
    #[must_use]
    pub fn at(&self, step: usize, group: usize) -> f64 {
        let row = if self.n_rows == 1 { 0 } else { step };
        let column = if self.n_columns == 1 { 0 } else { group };
        self.values[row * self.n_columns + column]
    }

    pub(super) fn map(mut self, function: impl Fn(f64) -> f64) -> Self {
        for value in &mut self.values {
            *value = function(*value);
        }
        self
    }

    /// Combines two arrays by numpy's broadcasting; `None` when the shapes don't fit.
    pub(super) fn zip(&self, other: &Self, function: impl Fn(f64, f64) -> f64) -> Option<Self> {
        let n_rows = broadcast(self.n_rows, other.n_rows)?;
        let n_columns = broadcast(self.n_columns, other.n_columns)?;
        let mut values = Vec::with_capacity(n_rows * n_columns);
        for row in 0..n_rows {
            for column in 0..n_columns {
                values.push(function(self.at(row, column), other.at(row, column)));
            }
        }
        Some(Self {
            n_rows,
            n_columns,
            values,
        })
    }

    pub(super) fn shape(&self) -> String {
        match self.n_rows {
            1 => format!("{} values", self.n_columns),
            n_rows => format!("{n_rows} × {} values", self.n_columns),
        }
    }
}

fn broadcast(left: usize, right: usize) -> Option<usize> {
    match (left, right) {
        (1, length) | (length, 1) => Some(length),
        _ => (left == right).then_some(left),
    }
}
