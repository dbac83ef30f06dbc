//! The keys of a mapping.

use epycloud_config::yaml::Node;
use epycloud_errors::nearest;

use super::reader::{Item, Reader};

/// A mapping whose keys have been checked.
pub(super) struct Fields<'d> {
    pub(super) item: Item<'d>,
}

impl<'d> Fields<'d> {
    /// The value of a key; an empty value counts as absent.
    pub(super) fn optional(&self, key: &str) -> Option<Item<'d>> {
        self.item
            .node
            .get(key)
            .filter(|node| !node.is_null())
            .map(|node| self.item.child(key, node))
    }

    /// The position of a key that is there, with a value or without.
    pub(super) fn key(&self, key: &str) -> Option<Item<'d>> {
        self.item
            .node
            .entry(key)
            .map(|(name, _)| self.item.child(key, name))
    }
}

impl<'d> Reader<'d> {
    /// Opens a mapping that has some of the known keys; others are warnings, since the suite
    /// ignores them.
    pub(super) fn fields(
        &mut self,
        item: &Item<'d>,
        known: &'static [&'static str],
    ) -> Option<Fields<'d>> {
        let entries = self.entries(item, &format!("a mapping with {}", key_list(known)))?;
        for (name, child) in entries {
            if known.contains(&name.as_str()) {
                continue;
            }
            let hint = match nearest(&name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known.join(", ")),
            };
            self.warn(&child, "unknown key, ignored", Some(hint));
        }
        Some(Fields { item: item.clone() })
    }

    /// The keys of a mapping, each with the key's position; keys must be text.
    pub(super) fn entries(
        &mut self,
        item: &Item<'d>,
        expected: &str,
    ) -> Option<Vec<(String, Item<'d>)>> {
        let Some(entries) = item.node.as_mapping() else {
            self.expected(item, expected);
            return None;
        };
        let mut names = Vec::with_capacity(entries.len());
        for (key, _) in entries {
            let shown = key.written().unwrap_or_default();
            let at = item.child(shown, key);
            match key.as_str() {
                Some(name) => names.push((name.to_owned(), at)),
                None => self.error_with_hint(
                    &at,
                    format!("a key must be text, found {} {}", key.kind(), key.shown()),
                    format!("quote it: \"{shown}\""),
                ),
            }
        }
        Some(names)
    }

    /// The value of a key that must be there.
    pub(super) fn required(&mut self, fields: &Fields<'d>, key: &str) -> Option<Item<'d>> {
        let found = fields.optional(key);
        if found.is_none() {
            match fields.key(key) {
                Some(at) => self.error(&at, format!("`{key}` is empty")),
                None => self.error(&fields.item, format!("key `{key}` is missing")),
            }
        }
        found
    }

    /// The value at a key of the document's root.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Item<'d>> {
        let root = self.root();
        let known: &'static [&'static str] = match key {
            "model" => &["model"],
            "modelset" => &["modelset"],
            _ => &["output"],
        };
        let fields = self.fields(&root, known)?;
        self.required(&fields, key)
    }
}

fn key_list(known: &[&str]) -> String {
    let shown: Vec<String> = known.iter().take(4).map(|key| format!("`{key}`")).collect();
    let more = if known.len() > 4 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The value of a mapping's key, for maps whose keys the user chooses.
pub(super) fn value_of<'d>(item: &Item<'d>, key: &str) -> Option<&'d Node> {
    item.node.get(key)
}
