//! The fields of events and spans.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    /// An error and its causes, outermost first.
    Error(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            Self::Unsigned(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Error(chain) => f.write_str(&chain.join(": ")),
        }
    }
}

/// Names with values, each name once; what is recorded later counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    values: Vec<(&'static str, Value)>,
}

impl Fields {
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        match self.values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.values.push((name, value)),
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.values.iter().position(|(known, _)| *known == name)?;
        Some(self.values.remove(at).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    /// Adds the fields of a span around; what is there already is nearer and counts.
    pub(crate) fn add_outer(&mut self, outer: &Self) {
        for (name, value) in outer.iter() {
            if self.values.iter().all(|(known, _)| *known != name) {
                self.values.push((name, value.clone()));
            }
        }
    }
}

/// A field named after a keyword is written `r#type`.
fn name_of(field: &Field) -> &'static str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(name_of(field), Value::Text(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(name_of(field), Value::Text(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(name_of(field), Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(name_of(field), Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(name_of(field), Value::Unsigned(value));
    }

    // Readers of JSON lose digits of larger numbers; as text they are kept.
    fn record_i128(&mut self, field: &Field, value: i128) {
        let value = i64::try_from(value).map_or_else(|_| text(value), Value::Signed);
        self.set(name_of(field), value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        let value = u64::try_from(value).map_or_else(|_| text(value), Value::Unsigned);
        self.set(name_of(field), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(name_of(field), Value::Float(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.set(name_of(field), Value::Error(epycloud_errors::chain(value)));
    }
}

fn text(value: impl fmt::Display) -> Value {
    Value::Text(value.to_string())
}
