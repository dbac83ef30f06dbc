//! `options.surveillance`: named sources of observed values.

use epycloud_errors::nearest;

use super::super::fields::{Fields, value_of};
use super::super::reader::{Item, Reader};
use crate::schema::output::{LocationForm, SurveillanceSource};

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

/// The sources, and the names of those with faults.
pub(super) struct Sources {
    pub(super) valid: Vec<SurveillanceSource>,
    names: Vec<String>,
}

impl<'d> Reader<'d> {
    pub(super) fn surveillance(&mut self, output: &Fields<'d>) -> Sources {
        let mut sources = Sources {
            valid: Vec::new(),
            names: Vec::new(),
        };
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
                let item = Item {
                    node,
                    path: key.path,
                };
                sources.valid.extend(self.observed_values(&name, &item));
            }
            sources.names.push(name);
        }
        sources
    }

    fn observed_values(&mut self, name: &str, item: &Item<'d>) -> Option<SurveillanceSource> {
        let fields = self.fields(item, KEYS)?;
        let mut texts = Vec::with_capacity(4);
        for key in &KEYS[..4] {
            let item = self.required(&fields, key);
            texts.push(item.and_then(|item| self.text(&item)));
        }
        let location_form = match fields.optional("location_format") {
            Some(format) => self.choice(&format, FORMATS).map(location_form),
            None => Some(LocationForm::Iso),
        };
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        Some(SurveillanceSource {
            name: name.to_owned(),
            data_path: next()?,
            value_column: next()?,
            date_column: next()?,
            location_column: next()?,
            location_form: location_form?,
        })
    }

    /// The source whose name is given, if one is.
    pub(super) fn source(
        &mut self,
        fields: &Fields<'d>,
        key: &str,
        sources: &Sources,
    ) -> Option<SurveillanceSource> {
        let item = fields.optional(key)?;
        let name = self.text(&item)?;
        if name.is_empty() || sources.names.contains(&name) {
            let named = |source: &&SurveillanceSource| source.name == name;
            return sources.valid.iter().find(named).cloned();
        }
        let message = format!("`{name}` is not a source under `output.options.surveillance`");
        match nearest(&name, sources.names.iter().map(String::as_str)) {
            Some(near) => self.error_with_hint(&item, message, format!("did you mean `{near}`?")),
            None if sources.names.is_empty() => {
                self.error_with_hint(&item, message, "there is none; define it there");
            }
            None => {
                self.error_with_hint(
                    &item,
                    message,
                    format!("there are: {}", sources.names.join(", ")),
                );
            }
        }
        None
    }
}

fn location_form(name: &str) -> LocationForm {
    match name {
        "FIPS" => LocationForm::Fips,
        "abbreviation" => LocationForm::Abbreviation,
        "name" => LocationForm::Name,
        "epydemix_population" => LocationForm::Epydemix,
        "metrocast_location_id" => LocationForm::Metrocast,
        _ => LocationForm::Iso,
    }
}
