//! Nodes of a document.

use crate::shown::shown;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How a scalar is written; `None` for quoted text, lists and mappings.
    pub(super) written: Option<Box<str>>,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// `true`/`false`, `yes`/`no` or `on`/`off`.
    Bool(bool),
    /// A whole number; one that 64 bits can't hold is a [`Value::Float`].
    Int(i64),
    /// Any other number, `.inf` and `.nan` included.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in document order.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// A node with a position.
    #[must_use]
    pub fn new(value: Value, line: usize, column: usize) -> Self {
        Self {
            value,
            line,
            column,
            written: None,
        }
    }

    /// Whether there is nothing here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(elements) => Some(elements),
            _ => None,
        }
    }

    /// The keys and values, if it is a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The key and the value of an entry, if this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.as_mapping()?
            .iter()
            .find(|(name, _)| name.as_str() == Some(key))
            .map(|(name, value)| (name, value))
    }

    /// The value of an entry, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A scalar as it stands in the file, without quotes; `None` for lists and mappings.
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        match (&self.written, &self.value) {
            (Some(written), _) => Some(written),
            (None, Value::Text(text)) => Some(text),
            (None, _) => None,
        }
    }

    /// The value for a message: `` `0.5` ``, `a list of 3`, `nothing`.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Sequence(elements) if elements.is_empty() => "an empty list".to_owned(),
            Value::Sequence(elements) => format!("a list of {}", elements.len()),
            Value::Mapping(_) => "a mapping".to_owned(),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {
                format!("`{}`", shown(self.written().unwrap_or_default()))
            }
        }
    }

    /// What kind of value it is, with its article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}
