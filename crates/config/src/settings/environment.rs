//! A snapshot of the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;

use super::Source;

/// The environment variables as they were at one moment, so that settings don't change under a
/// run and tests need not touch the process.
///
/// An empty value is unset: Compose and Terraform pass `NAME=` for what they don't know.
///
/// ```
/// use epycloud_config::Environment;
///
/// let environment = Environment::from_pairs([("EXP_ID", "flu"), ("RUN_ID", "")]);
/// assert_eq!(environment.get("EXP_ID"), Some("flu"));
/// assert_eq!(environment.get("RUN_ID"), None);
/// ```
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, Entry>,
    /// Names whose values are not UTF-8.
    unreadable: BTreeSet<String>,
}

#[derive(Clone)]
struct Entry {
    value: String,
    source: Source,
}

impl Environment {
    /// The process's own.
    #[must_use]
    pub fn from_process() -> Self {
        Self::from_os_pairs(std::env::vars_os())
    }

    pub(crate) fn from_os_pairs(pairs: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in pairs {
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => environment.insert(name, value),
                Err(_) => {
                    environment.unreadable.insert(name);
                }
            }
        }
        environment
    }

    /// One made of the given variables alone.
    #[must_use]
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut environment = Self::default();
        for (name, value) in pairs {
            environment.insert(name.into(), value.into());
        }
        environment
    }

    fn insert(&mut self, name: String, value: String) {
        let source = Source::Environment(name.clone());
        self.values.insert(name, Entry { value, source });
    }

    /// The same with a variable set.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.insert(name.into(), value.into());
        self
    }

    /// Puts a command-line flag's value in the place of a variable's; errors and `--check` then
    /// name the flag.
    #[must_use]
    pub fn with_flag(
        mut self,
        name: impl Into<String>,
        flag: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let name = name.into();
        self.unreadable.remove(&name);
        self.values.insert(
            name,
            Entry {
                value: value.into(),
                source: Source::Flag(flag.into()),
            },
        );
        self
    }

    /// The same with a value from elsewhere where the variable is unset or empty; errors and
    /// `--check` then name that source.
    #[must_use]
    pub fn with_fallback(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
        source: Source,
    ) -> Self {
        let name = name.into();
        if self.entry(&name).is_none() && !self.is_unreadable(&name) {
            let value = value.into();
            self.values.insert(name, Entry { value, source });
        }
        self
    }

    /// A variable's value, unless it is unset or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.entry(name).map(|(value, _)| value)
    }

    pub(crate) fn entry(&self, name: &str) -> Option<(&str, &Source)> {
        let entry = self.values.get(name)?;
        (!entry.value.is_empty()).then_some((entry.value.as_str(), &entry.source))
    }

    /// Whether a variable is set to something that is not UTF-8.
    pub(crate) fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.contains(name)
    }

    /// The names whose values are not UTF-8, in order.
    pub(crate) fn unreadable_names(&self) -> impl Iterator<Item = &str> {
        self.unreadable.iter().map(String::as_str)
    }

    /// The same without the given variables.
    #[must_use]
    pub fn without<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        for name in names {
            self.values.remove(name);
            self.unreadable.remove(name);
        }
        self
    }

    /// Names and values in order, for a child process's environment; any value may be a secret.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, entry)| (&**name, &*entry.value))
    }

    /// The names of the variables that are set, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .filter(|(_, entry)| !entry.value.is_empty())
            .map(|(name, _)| &**name)
    }
}

impl fmt::Debug for Environment {
    /// The names alone: any value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_no_values() {
        let environment = Environment::from_pairs([("GITHUB_PAT", "hunter2")]);
        assert_eq!(format!("{environment:?}"), r#"{"GITHUB_PAT"}"#);
    }

    #[test]
    fn a_child_gets_all_but_what_is_left_out() {
        let environment = Environment::from_pairs([("A", "1"), ("B", "2"), ("C", "")]);
        let pairs: Vec<_> = environment.without(["A"]).pairs().map(own).collect();
        assert_eq!(pairs, [own(("B", "2")), own(("C", ""))]);
    }

    fn own((name, value): (&str, &str)) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_flag_wins_over_the_variable_it_stands_for() {
        let environment =
            Environment::from_pairs([("EXP_ID", "a")]).with_flag("EXP_ID", "--exp-id", "b");
        assert_eq!(
            environment.entry("EXP_ID"),
            Some(("b", &Source::Flag("--exp-id".into())))
        );
    }
}
