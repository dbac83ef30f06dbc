//! Arithmetic expressions of parameters and transition rates.
//!
//! The language is the part of Python that experiments use, read by a parser of our own: nothing is
//! ever executed. A [`Dialect::Parameter`] has numbers, names, `+ - * / % **`, parentheses, lists
//! and some functions of numpy; the suite evaluates it with Python's `eval`. A [`Dialect::Rate`]
//! has no functions and no lists; epydemix evaluates it over arrays `[T, G]` of steps and age
//! groups.
//!
//! Precedence and order of evaluation are Python's (`-2**2` is -4, `2**3**2` is 512), every
//! operation is one IEEE operation, and powers take numpy's shortcuts, so results equal numpy's bit
//! for bit. Where an age-varying parameter stands in an expression it is an array over the age
//! groups (the suite makes it a Python list there, on which most arithmetic fails).
//!
//! ```
//! use epycloud_engine::expression::{Dialect, Expression, Value};
//!
//! let beta = Expression::parse("Rt*mu/eigenvalue", Dialect::Parameter)?;
//! let names: Vec<&str> = beta.names().map(|name| name.name.as_str()).collect();
//! assert_eq!(names, ["Rt", "mu", "eigenvalue"]);
//! let value = beta.evaluate(&|name| match name {
//!     "Rt" => Some(Value::Number(1.5)),
//!     "mu" => Some(Value::Number(0.25)),
//!     _ => Some(Value::Number(10.0)),
//! })?;
//! assert_eq!(value, Value::Number(1.5 * 0.25 / 10.0));
//! # Ok::<(), epycloud_engine::expression::ExpressionError>(())
//! ```

mod evaluate;
mod functions;
mod operators;
mod parser;
mod token;
mod value;

use epycloud_errors::{Diagnose, ExitCode};

use parser::Step;
pub use value::{Grid, Value};

/// Longest expression, in characters.
pub const MAX_LENGTH: usize = 4_000;
/// Deepest nesting of parentheses, lists, signs and powers.
pub const MAX_DEPTH: usize = 64;

/// Which constructs an expression may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A parameter's value: arithmetic, lists and numpy functions.
    Parameter,
    /// A transition's rate: arithmetic only.
    Rate,
}

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    /// In postfix order, which is Python's order of evaluation.
    steps: Vec<Step>,
    names: Vec<Name>,
}

/// A name that an expression uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Column of its first use in the expression, in characters, from 1.
    pub column: usize,
}

/// Why an expression can't be read or evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", self.place())]
pub struct ExpressionError {
    /// The expression.
    pub expression: String,
    /// Column in the expression, in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// Whether Python would take it, which our parser doesn't.
    pub is_python: bool,
}

impl ExpressionError {
    /// Where it is, with as much of the expression as a message can show.
    fn place(&self) -> String {
        const SHOWN: usize = 80;
        if self.expression.is_empty() {
            return String::new();
        }
        let mut shown: String = self.expression.chars().take(SHOWN).collect();
        if shown.len() < self.expression.len() {
            shown.push('…');
        }
        format!(", at column {} of `{shown}`", self.column)
    }
}

impl Diagnose for ExpressionError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// An error whose expression isn't known yet.
#[derive(Debug)]
struct Problem {
    column: usize,
    message: String,
    hint: Option<String>,
    is_python: bool,
}

impl Problem {
    fn new(column: usize, message: impl Into<String>) -> Self {
        Self {
            column,
            message: message.into(),
            hint: None,
            is_python: false,
        }
    }

    /// Something that Python would take.
    fn of_python(mut self) -> Self {
        self.is_python = true;
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn in_expression(self, text: &str) -> ExpressionError {
        let expression = text.trim().to_owned();
        ExpressionError {
            expression,
            column: self.column,
            message: self.message,
            hint: self.hint,
            is_python: self.is_python,
        }
    }
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What the dialect doesn't have is named with its column and what there is instead.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, ExpressionError> {
        let text = text.trim();
        let (steps, names) =
            parser::parse(text, dialect).map_err(|problem| problem.in_expression(text))?;
        Ok(Self {
            text: text.to_owned(),
            steps,
            names,
        })
    }

    /// The expression as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it uses, each once, in order of first use.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.names.iter()
    }

    /// Evaluates the expression; `lookup` gives the names their values.
    ///
    /// # Errors
    /// A name without a value, shapes that don't broadcast, a division of Python numbers by zero,
    /// and a result that isn't a finite number.
    pub fn evaluate(
        &self,
        lookup: &dyn Fn(&str) -> Option<Value>,
    ) -> Result<Value, ExpressionError> {
        evaluate::evaluate(&self.steps, &self.names, lookup)
            .map_err(|problem| problem.in_expression(&self.text))
    }
}
