//! `EPYCLOUD_A__B` variables and flags as layers.

use super::key::{Meaning, meaning, suggestion};
use super::layer::{Entry, Layer};
use crate::settings::{Environment, SettingError, Source};
use crate::shown::shown;

const PREFIX: &str = "EPYCLOUD_";

/// What variables give, by current names and by older ones.
pub(crate) struct Variables {
    pub(crate) layer: Layer,
    pub(crate) older: Layer,
    pub(crate) warnings: Vec<String>,
    pub(crate) faults: Vec<SettingError>,
}

impl Variables {
    pub(crate) fn read(environment: &Environment) -> Self {
        let mut found = Self {
            layer: Layer::new("environment variables"),
            older: Layer::new("environment variables (older names)"),
            warnings: Vec::new(),
            faults: Vec::new(),
        };
        for name in environment.names().filter(|name| is_override(name)) {
            found.take(name, environment.get(name).unwrap_or_default());
        }
        for name in environment
            .unreadable_names()
            .filter(|name| is_override(name))
        {
            found.faults.push(SettingError {
                name: name.to_owned(),
                message: "the value is not UTF-8".to_owned(),
                hint: None,
            });
        }
        found
    }

    fn take(&mut self, name: &str, value: &str) {
        let path = path_of(name);
        let entry = Entry {
            text: Some(value.to_owned()),
            source: Source::Environment(name.to_owned()),
        };
        match meaning(&path) {
            Meaning::Key(key) => {
                self.layer.entries.insert(key.name, entry);
            }
            Meaning::Older(key) => {
                self.warnings.push(format!(
                    "environment variable `{name}` is an older name; it is `{}` now",
                    key.variable()
                ));
                self.older.entries.insert(key.name, entry);
            }
            Meaning::Section | Meaning::Unknown => {
                let name = shown(name);
                self.warnings.push(match suggestion(&path) {
                    Some(meant) => format!(
                        "environment variable `{name}` is not read; did you mean `{}`?",
                        variable(&meant)
                    ),
                    None => format!("environment variable `{name}` is not read"),
                });
            }
        }
    }
}

fn is_override(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.contains("__"))
}

fn path_of(name: &str) -> String {
    name.strip_prefix(PREFIX)
        .unwrap_or(name)
        .to_ascii_lowercase()
        .replace("__", ".")
}

fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.to_ascii_uppercase().replace('.', "__"))
}
