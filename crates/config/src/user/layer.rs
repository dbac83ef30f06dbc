//! One layer of the configuration: texts by key, each with its source, as figment merges them.

use std::collections::BTreeMap;
use std::fmt;

use figment::value::{Dict, Empty, Map, Value};
use figment::{Metadata, Profile, Provider};

use crate::settings::Source;

/// A key's value in one layer; it may be a secret, so that it doesn't print.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As it is written; `None` for an explicit nothing (`null`, `~`).
    pub(crate) text: Option<String>,
    pub(crate) source: Source,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Texts by key. A key that isn't there says nothing; the layer below holds.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// Unique among the layers, as figment gives it back for a value.
    pub(crate) name: String,
    pub(crate) entries: BTreeMap<&'static str, Entry>,
}

impl Layer {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            entries: BTreeMap::new(),
        }
    }

    /// Fills in `{environment}` and `{profile}`; the latter stays where there is no profile.
    pub(crate) fn fill_in(&mut self, environment: &str, profile: Option<&str>) {
        for entry in self.entries.values_mut() {
            let Some(text) = &mut entry.text else {
                continue;
            };
            *text = text.replace("{environment}", environment);
            if let Some(profile) = profile {
                *text = text.replace("{profile}", profile);
            }
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut root = Dict::new();
        for (key, entry) in &self.entries {
            let value = match &entry.text {
                Some(text) => Value::from(text.as_str()),
                None => Value::from(Empty::Unit),
            };
            insert(&mut root, key, value);
        }
        Ok(Profile::Default.collect(root))
    }
}

/// Puts a value at a path of sections. No key is the section of another, so nothing is replaced.
fn insert(dict: &mut Dict, path: &str, value: Value) {
    let Some((section, rest)) = path.split_once('.') else {
        dict.insert(path.to_owned(), value);
        return;
    };
    let inner = dict
        .entry(section.to_owned())
        .or_insert_with(|| Value::from(Dict::new()));
    if let Value::Dict(_, inner) = inner {
        insert(inner, rest, value);
    }
}
