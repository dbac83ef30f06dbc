//! A value with where it is from.

use std::fmt;
use std::path::PathBuf;

/// Where a setting's value is from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// An environment variable, by its name.
    Environment(String),
    /// A command-line flag, by its name, such as `--exp-id`.
    Flag(String),
    /// A line of a configuration file.
    File {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// Worked out from another setting, by its name.
    Derived(String),
    /// Nothing said otherwise.
    Default,
}

impl Source {
    /// Whether it is part of the layered configuration: a file, or a variable that overrides a key.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::File { .. } => true,
            Self::Environment(name) => name.contains("__"),
            Self::Flag(_) | Self::Derived(_) | Self::Default => false,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::File { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Derived(name) => write!(f, "from {name}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value with where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it is from.
    pub source: Source,
}

impl<T> Setting<T> {
    /// A value with its source.
    #[must_use]
    pub const fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }

    /// A value that nobody asked for.
    #[must_use]
    pub const fn default_value(value: T) -> Self {
        Self {
            value,
            source: Source::Default,
        }
    }

    /// The same source with another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting {
            value: change(self.value),
            source: self.source,
        }
    }
}
