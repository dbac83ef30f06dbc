//! A YAML file as a layer.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::UserConfigError;
use super::key::{Key, Meaning, meaning, suggestion};
use super::layer::{Entry, Layer};
use crate::settings::{SettingError, Source};
use crate::shown::shown;
use crate::yaml::{self, Node, Value};

/// What a file is for; profiles say who they are, and secrets belong in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Defaults,
    Settings,
    Profile,
    Secrets,
}

/// What a profile says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProfileMetadata {
    /// Its name, as people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// A file's layers and what is to be said of it.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    pub(crate) layer: Layer,
    /// What it gives by older names.
    pub(crate) older: Layer,
    pub(crate) metadata: ProfileMetadata,
    pub(crate) warnings: Vec<String>,
    pub(crate) faults: Vec<SettingError>,
}

impl ConfigFile {
    /// Reads a file, or gives `None` where there is none.
    pub(crate) fn read(path: &Path, role: Role) -> Result<Option<Self>, UserConfigError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(UserConfigError::Read {
                    file: path.to_owned(),
                    source,
                });
            }
        };
        Self::parse(path, bytes, role).map(Some)
    }

    pub(crate) fn parse(path: &Path, bytes: Vec<u8>, role: Role) -> Result<Self, UserConfigError> {
        let document = yaml::parse_bytes(path, bytes)
            .map_err(|fault| UserConfigError::Syntax(Box::new(fault)))?;
        let mut file = Self {
            path: path.to_owned(),
            layer: Layer::new(path.to_string_lossy()),
            older: Layer::new(format!("{} (older names)", path.display())),
            metadata: ProfileMetadata::default(),
            warnings: Vec::new(),
            faults: Vec::new(),
        };
        match &document.root.value {
            Value::Null => {}
            Value::Mapping(entries) => file.section("", entries, role),
            _ => file.fault(
                &document.root,
                "",
                format!(
                    "{} is no configuration; expected keys",
                    document.root.shown()
                ),
            ),
        }
        Ok(file)
    }

    fn section(&mut self, section: &str, entries: &[(Node, Node)], role: Role) {
        for (key, value) in entries {
            let name = key.written().unwrap_or_default();
            if section.is_empty() && role == Role::Profile && self.describes(name, value) {
                continue;
            }
            // A dot in a name would make it look like a section.
            if name.contains('.') {
                self.warn(
                    key,
                    &format!("`{}` is not read; write it as sections", shown(name)),
                );
                continue;
            }
            let path = match section {
                "" => name.to_owned(),
                _ => format!("{section}.{name}"),
            };
            match meaning(&path) {
                Meaning::Key(found) => self.value(found, value, role),
                Meaning::Older(found) => {
                    self.warn(
                        key,
                        &format!("`{path}` is an older name; it is `{}` now", found.name),
                    );
                    if let Some(entry) = self.entry(found.name, value) {
                        self.older.entries.insert(found.name, entry);
                    }
                }
                Meaning::Section => match &value.value {
                    Value::Mapping(entries) => self.section(&path, entries, role),
                    // All of its lines are comments.
                    Value::Null => {}
                    _ => self.fault(
                        value,
                        &path,
                        format!("{} is given; expected a section of keys", value.shown()),
                    ),
                },
                Meaning::Unknown => self.unknown(key, &path),
            }
        }
    }

    fn value(&mut self, key: &'static Key, node: &Node, role: Role) {
        if key.is_secret() && role != Role::Secrets && !node.is_null() {
            self.warn(
                node,
                &format!(
                    "`{}` is a secret; move it to `secrets.yaml`, which others can't read",
                    key.name
                ),
            );
        }
        if let Some(entry) = self.entry(key.name, node) {
            self.layer.entries.insert(key.name, entry);
        }
    }

    fn entry(&mut self, key: &str, node: &Node) -> Option<Entry> {
        let source = Source::File {
            file: self.path.clone(),
            line: node.line,
        };
        let text = match &node.value {
            Value::Null => None,
            Value::Sequence(_) | Value::Mapping(_) => {
                let expected = Key::find(key).map_or("a value", |key| key.values);
                self.fault(
                    node,
                    key,
                    format!("{} is given; expected {expected}", node.shown()),
                );
                return None;
            }
            _ => Some(node.written().unwrap_or_default().to_owned()),
        };
        Some(Entry { text, source })
    }

    /// Takes what a profile says of itself: in a mapping `profile`, or as `epycloud profile create`
    /// of the original writes it, beside the keys.
    fn describes(&mut self, name: &str, value: &Node) -> bool {
        if name == "profile" {
            for (key, value) in value.as_mapping().unwrap_or_default() {
                let name = key.written().unwrap_or_default();
                if !self.describe(name, value) {
                    self.unknown(key, &format!("profile.{name}"));
                }
            }
            return true;
        }
        self.describe(name, value)
    }

    fn describe(&mut self, name: &str, value: &Node) -> bool {
        let place = match name {
            "name" => &mut self.metadata.name,
            "description" => &mut self.metadata.description,
            "version" => &mut self.metadata.version,
            _ => return false,
        };
        *place = value
            .written()
            .filter(|_| !value.is_null())
            .map(str::to_owned);
        true
    }

    fn unknown(&mut self, key: &Node, path: &str) {
        let path_shown = shown(path);
        let message = match suggestion(path) {
            Some(meant) => format!("`{path_shown}` is not read; did you mean `{meant}`?"),
            None => format!("`{path_shown}` is not read"),
        };
        self.warn(key, &message);
    }

    fn warn(&mut self, node: &Node, message: &str) {
        self.warnings
            .push(format!("{}:{}: {message}", self.path.display(), node.line));
    }

    fn fault(&mut self, node: &Node, key: &str, message: String) {
        let place = format!("{}:{}", self.path.display(), node.line);
        let colon = if key.is_empty() { "" } else { ": " };
        self.faults.push(SettingError {
            name: format!("{place}{colon}{key}"),
            message,
            hint: None,
        });
    }
}
