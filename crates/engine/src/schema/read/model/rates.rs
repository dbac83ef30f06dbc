//! Expressions in rates and parameters.

use std::collections::BTreeMap;

use epycloud_errors::nearest;

use super::super::reader::{Item, Reader};
use super::parameters::Parameters;
use crate::expression::{Dialect, Expression, ExpressionError, Value};
use crate::limits::Limit;

/// Values of parameters that are known before anything is built.
pub(super) type Constants = BTreeMap<String, Value>;

impl Reader<'_> {
    /// Parses an expression; its errors become faults.
    pub(super) fn expression(
        &mut self,
        item: &Item<'_>,
        text: &str,
        dialect: Dialect,
    ) -> Option<Expression> {
        match Expression::parse(text, dialect) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.expression_error(item, &error);
                None
            }
        }
    }

    pub(super) fn expression_error(&mut self, item: &Item<'_>, error: &ExpressionError) {
        match &error.hint {
            Some(hint) => self.error_with_hint(item, error.to_string(), hint),
            None => self.error(item, error.to_string()),
        }
        if error.is_python {
            self.last_is_beyond(Limit::Expression);
        }
    }

    /// Evaluates an expression whose names all have values.
    pub(super) fn constant(
        &mut self,
        item: &Item<'_>,
        expression: &Expression,
        constants: &Constants,
    ) -> Option<Value> {
        match expression.evaluate(&|name| constants.get(name).cloned()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.expression_error(item, &error);
                None
            }
        }
    }

    /// Checks a transition's rate: a parameter's name, or an expression of parameters. Whatever is
    /// constant must not be negative.
    pub(super) fn check_rate(&mut self, item: &Item<'_>, text: &str, parameters: &Parameters) {
        if parameters.has(text) {
            self.check_not_negative(item, parameters.constants().get(text));
            return;
        }
        let Some(expression) = self.expression(item, text, Dialect::Rate) else {
            return;
        };
        let mut all_known = true;
        for name in expression.names() {
            if !parameters.has(&name.name) {
                self.unknown_parameter(item, &name.name, parameters);
                all_known = false;
            }
        }
        let constants = parameters.constants();
        if all_known
            && expression
                .names()
                .all(|name| constants.contains_key(&name.name))
        {
            let value = self.constant(item, &expression, constants);
            self.check_not_negative(item, value.as_ref());
        }
    }

    fn check_not_negative(&mut self, item: &Item<'_>, value: Option<&Value>) {
        let lowest = match value {
            Some(Value::Number(value)) => *value,
            Some(Value::Array(grid)) => grid.values().iter().copied().fold(0.0, f64::min),
            None => 0.0,
        };
        if lowest < 0.0 {
            let message = format!(
                "{} is {lowest}, but a rate can't be negative",
                item.node.shown()
            );
            self.error(item, message);
        }
    }

    pub(super) fn unknown_parameter(
        &mut self,
        item: &Item<'_>,
        name: &str,
        parameters: &Parameters,
    ) {
        let message = format!("`{name}` is not a parameter");
        match nearest(name, parameters.names()) {
            Some(near) => self.error_with_hint(item, message, format!("did you mean `{near}`?")),
            None => self.error_with_hint(item, message, "define it under `parameters`"),
        }
    }
}
