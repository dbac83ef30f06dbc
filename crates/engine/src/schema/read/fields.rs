//! The keys of a mapping.

use epycloud_config::yaml::Node;
use epycloud_errors::nearest;

use super::reader::{Item, Reader};

/// What belongs at keys that must be there.
const NEEDED: [(&str, &str); 20] = [
    (
        "age_groups",
        "a list such as [\"0-4\", \"5-17\", \"18-64\", \"65+\"]",
    ),
    (
        "compartments",
        "a list of the states that people are in, each with an `id`",
    ),
    ("contact_matrix_layer", "school, work, home or community"),
    (
        "eligible_compartments",
        "the compartments whose people get doses",
    ),
    ("end_date", "a date as YYYY-MM-DD"),
    ("id", "its name in transitions and outputs"),
    ("mediator", "the infectious compartment"),
    (
        "mediators",
        "a list of `{rate: …, source: [the infectious compartments]}`",
    ),
    (
        "origin_compartment",
        "the compartment that vaccination empties",
    ),
    ("parameters", "a mapping of names to `{type: …, value: …}`"),
    (
        "population_names",
        "a list such as [US-MA, US-NY], or [all]",
    ),
    (
        "rate",
        "a number per day, a parameter, or an expression of parameters",
    ),
    ("reference_date", "a date as YYYY-MM-DD"),
    ("scaling_factor", "what to multiply by, such as 0.5"),
    ("start_date", "a date as YYYY-MM-DD"),
    ("target", "the compartment that people enter"),
    ("target_parameter", "the parameter that it changes"),
    ("transitions", "a list of the ways between compartments"),
    ("value", "a number or an expression"),
    ("values", "a list with one value for each age group"),
];

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
            let (at, message) = match fields.key(key) {
                Some(at) => (at, format!("`{key}` is empty")),
                None => (fields.item.clone(), format!("key `{key}` is missing")),
            };
            match NEEDED.iter().find(|(needed, _)| *needed == key) {
                Some((_, meaning)) => self.error_with_hint(&at, message, *meaning),
                None => self.error(&at, message),
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
