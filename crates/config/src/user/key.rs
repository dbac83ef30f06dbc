//! The table of keys: reading, checking, `config set` and the documentation are made from it.

mod table;

pub(crate) use table::{LONGEST_RUN, MOST_PARALLEL};

use std::str::FromStr;

use epycloud_errors::nearest;

use super::error::UserConfigError;
use crate::settings::Problem;

/// How a key's value is written in YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Text that is never shown.
    Secret,
}

impl KeyKind {
    /// The name of the type, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "whole number",
            Self::Boolean => "true or false",
            Self::Secret => "secret",
        }
    }
}

/// A key of the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its path, such as `google_cloud.project_id`.
    pub name: &'static str,
    /// How its value is written.
    pub kind: KeyKind,
    /// What is accepted.
    pub values: &'static str,
    /// What it says, as a sentence fragment.
    pub meaning: &'static str,
    /// Where the original pipeline has it; empty for a key of our own.
    pub original: &'static str,
    /// Whether it may be empty, which then says that there is none.
    pub may_be_empty: bool,
    check: fn(&str) -> Result<(), Problem>,
}

/// Every key that is read, in the order of the documentation.
///
/// ```
/// use epycloud_config::user::keys;
///
/// let key = keys().iter().find(|key| key.name == "google_cloud.region").unwrap();
/// assert_eq!(key.variable(), "EPYCLOUD_GOOGLE_CLOUD__REGION");
/// ```
#[must_use]
pub const fn keys() -> &'static [Key] {
    table::KEYS
}

impl Key {
    /// The key of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        keys().iter().find(|key| key.name == name)
    }

    /// The environment variable that overrides it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!(
            "EPYCLOUD_{}",
            self.name.to_ascii_uppercase().replace('.', "__")
        )
    }

    /// The key of a name that somebody typed.
    ///
    /// # Errors
    /// There is none; with the nearest.
    pub fn named(name: &str) -> Result<&'static Self, UserConfigError> {
        match meaning(name) {
            Meaning::Key(key) | Meaning::Older(key) => Ok(key),
            Meaning::Section => Err(UserConfigError::Section {
                name: name.to_owned(),
            }),
            Meaning::Unknown => Err(UserConfigError::NoKey {
                name: crate::shown::shown(name),
                nearest: suggestion(name),
            }),
        }
    }

    /// Whether its value must never be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.kind == KeyKind::Secret
    }

    /// Whether a text is one of its values; `{profile}` and `{environment}` must be filled in.
    pub(crate) fn check(&self, text: &str) -> Result<(), Problem> {
        if text.is_empty() {
            return self.check_empty();
        }
        (self.check)(text)
    }

    /// Whether it may have no value.
    pub(crate) fn check_empty(&self) -> Result<(), Problem> {
        if self.may_be_empty {
            return Ok(());
        }
        Err(Problem {
            message: format!("nothing is given; expected {}", self.values),
            hint: Some("remove the line to get the default".to_owned()),
        })
    }
}

/// What a path in a configuration stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    /// A key.
    Key(&'static Key),
    /// A key by a name that earlier documents of the original have.
    Older(&'static Key),
    /// A mapping of keys.
    Section,
    /// Nothing.
    Unknown,
}

pub(crate) fn meaning(path: &str) -> Meaning {
    if let Some(key) = Key::find(path) {
        return Meaning::Key(key);
    }
    if let Some(key) = table::OLDER
        .iter()
        .find_map(|(older, name)| (*older == path).then(|| Key::find(name))?)
    {
        return Meaning::Older(key);
    }
    let begins = |name: &str| {
        name.strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let is_section = keys().iter().any(|key| begins(key.name))
        || table::OLDER.iter().any(|(older, _)| begins(older));
    if is_section {
        Meaning::Section
    } else {
        Meaning::Unknown
    }
}

/// The key or section that was probably meant: among those beside it, then those of its own name
/// elsewhere.
pub(crate) fn suggestion(path: &str) -> Option<String> {
    let (section, name) = path
        .rsplit_once('.')
        .map_or(("", path), |(section, name)| (section, name));
    let beside = keys().iter().filter_map(|key| {
        let rest = if section.is_empty() {
            key.name
        } else {
            key.name.strip_prefix(section)?.strip_prefix('.')?
        };
        rest.split('.').next()
    });
    if let Some(found) = nearest(name, beside) {
        let dot = if section.is_empty() { "" } else { "." };
        return Some(format!("{section}{dot}{found}"));
    }
    let leaf = |key: &Key| key.name.rsplit('.').next() == Some(name);
    let mut same = keys().iter().filter(|key| leaf(key));
    match (same.next(), same.next()) {
        (Some(key), None) => Some(key.name.to_owned()),
        _ => nearest(path, keys().iter().map(|key| key.name)).map(str::to_owned),
    }
}

/// A check that a text is of a type.
const fn is<T>() -> fn(&str) -> Result<(), Problem>
where
    T: FromStr,
    Problem: From<T::Err>,
{
    |text| text.parse::<T>().map(drop).map_err(Problem::from)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_cell_is_filled() {
        let names: BTreeSet<_> = keys().iter().map(|key| key.name).collect();
        assert_eq!(names.len(), keys().len());
        for key in keys() {
            for cell in [key.name, key.values, key.meaning] {
                assert!(!cell.is_empty() && cell.trim() == cell, "{}", key.name);
            }
        }
    }

    #[test]
    fn older_names_lead_to_keys_and_are_none_themselves() {
        for (older, name) in table::OLDER {
            assert!(Key::find(older).is_none(), "{older}");
            assert!(Key::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_nearest_key_is_looked_for_beside_first() {
        for (mistyped, meant) in [
            ("google_cloud.projct_id", Some("google_cloud.project_id")),
            ("googel_cloud", Some("google_cloud")),
            (
                "google_cloud.max_parallelism",
                Some("google_cloud.batch.max_parallelism"),
            ),
            ("image_tag", Some("docker.image_tag")),
            (
                "google_cloud.batch.stage_b.cpu_mili",
                Some("google_cloud.batch.stage_b.cpu_milli"),
            ),
            ("zebra", None),
        ] {
            assert_eq!(suggestion(mistyped).as_deref(), meant, "{mistyped}");
        }
    }
}
