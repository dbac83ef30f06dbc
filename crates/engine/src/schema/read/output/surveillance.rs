//! `options.surveillance`: named sources of observed values.

use epycloud_errors::nearest;

use super::super::fields::{Fields, value_of};
use super::super::reader::{Item, Reader};

const KEYS: &[&str] = &[
    "data_path",
    "value_column",
    "date_column",
    "location_column",
    "location_format",
];
const FORMATS: &[&str] = &[
    "ISO",
    "FIPS",
    "abbreviation",
    "name",
    "epydemix_population",
    "metrocast_location_id",
];

/// The names of the sources.
pub(super) struct Sources(Vec<String>);

impl<'d> Reader<'d> {
    pub(super) fn surveillance(&mut self, output: &Fields<'d>) -> Sources {
        let mut sources = Sources(Vec::new());
        let Some(item) = output.optional("options") else {
            return sources;
        };
        let Some(fields) = self.fields(&item, &["surveillance"]) else {
            return sources;
        };
        let Some(item) = fields.optional("surveillance") else {
            return sources;
        };
        let entries = self
            .entries(&item, "a mapping of data sources by name")
            .unwrap_or_default();
        for (name, key) in entries {
            if let Some(node) = value_of(&item, &name) {
                self.observed_values(&Item {
                    node,
                    path: key.path,
                });
            }
            sources.0.push(name);
        }
        sources
    }

    fn observed_values(&mut self, item: &Item<'d>) {
        let Some(fields) = self.fields(item, KEYS) else {
            return;
        };
        for key in &KEYS[..4] {
            if let Some(item) = self.required(&fields, key) {
                self.text(&item);
            }
        }
        if let Some(format) = fields.optional("location_format") {
            self.choice(&format, FORMATS);
        }
    }

    /// Checks the name of a source, if one is given.
    pub(super) fn source(&mut self, fields: &Fields<'d>, key: &str, sources: &Sources) {
        let Some(item) = fields.optional(key) else {
            return;
        };
        let Some(name) = self.text(&item) else { return };
        if name.is_empty() || sources.0.contains(&name) {
            return;
        }
        let message = format!("`{name}` is not a source under `output.options.surveillance`");
        match nearest(&name, sources.0.iter().map(String::as_str)) {
            Some(near) => self.error_with_hint(&item, message, format!("did you mean `{near}`?")),
            None if sources.0.is_empty() => {
                self.error_with_hint(&item, message, "there is none; define it there");
            }
            None => {
                self.error_with_hint(
                    &item,
                    message,
                    format!("there are: {}", sources.0.join(", ")),
                );
            }
        }
    }
}
