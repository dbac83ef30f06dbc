//! Descriptive metadata.

use epycloud_config::FileName;
use epycloud_config::yaml::Value;

use super::fields::Fields;
use super::reader::{Item, Reader};
use crate::schema::basemodel::Meta;

const KEYS: &[&str] = &["id", "description", "author", "version", "date"];

impl<'d> Reader<'d> {
    /// The section `meta` of a mapping, if it has one.
    pub(super) fn meta(&mut self, parent: &Fields<'d>) -> Option<Meta> {
        let item = parent.optional("meta")?;
        let fields = self.fields(&item, KEYS)?;
        let mut text = |key: &str| fields.optional(key).and_then(|item| self.text(&item));
        let (description, author) = (text("description"), text("author"));
        Some(Meta {
            id: fields.optional("id").and_then(|item| self.meta_id(&item)),
            description,
            author,
            version: fields
                .optional("version")
                .and_then(|item| self.version(&item)),
            date: fields.optional("date").and_then(|item| self.text(&item)),
        })
    }

    /// The ID ends a folder's name, so it must be fit for one.
    fn meta_id(&mut self, item: &Item<'_>) -> Option<String> {
        let id = self.text(item)?;
        match id.parse::<FileName>() {
            Ok(_) => Some(id),
            Err(error) => {
                let message = format!("expected {}, found {}", error.expected, item.node.shown());
                self.error_with_hint(
                    item,
                    message,
                    "the ID becomes part of the output folder's name",
                );
                None
            }
        }
    }

    fn version(&mut self, item: &Item<'_>) -> Option<String> {
        match &item.node.value {
            Value::Text(_) | Value::Int(_) | Value::Float(_) => {
                item.node.written().map(str::to_owned)
            }
            _ => {
                self.expected(item, "a version as text or a number");
                None
            }
        }
    }
}
