//! Reads typed values from the environment and collects what is wrong with them.

use std::path::PathBuf;
use std::str::FromStr;

use epycloud_errors::Secret;

use super::error::Problem;
use super::{Environment, Setting, SettingError, Source};
use crate::shown::shown;

pub(crate) struct Reader<'a> {
    environment: &'a Environment,
    pub(crate) errors: Vec<SettingError>,
    /// Every name asked for, so that a test can hold it against the table of variables.
    pub(crate) asked: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            errors: Vec::new(),
            asked: Vec::new(),
        }
    }

    pub(crate) fn error(
        &mut self,
        name: impl Into<String>,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.errors.push(SettingError {
            name: name.into(),
            message: message.into(),
            hint,
        });
    }

    /// The text of a variable, if it is set.
    fn text(&mut self, name: &'static str) -> Option<Setting<&'a str>> {
        self.asked.push(name);
        if self.environment.is_unreadable(name) {
            self.error(name, "the value is not UTF-8", None);
            return None;
        }
        let (value, source) = self.environment.entry(name)?;
        Some(Setting::new(value, source.clone()))
    }

    /// A variable read by a rule of its own.
    pub(crate) fn read<T>(
        &mut self,
        name: &'static str,
        rule: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Setting<T>> {
        let Setting { value, source } = self.text(name)?;
        match rule(value) {
            Ok(value) => Some(Setting::new(value, source)),
            Err(Problem { message, hint }) => {
                self.error(spelled(name, &source), message, hint);
                None
            }
        }
    }

    /// A variable of a type that reads itself.
    pub(crate) fn parse<T>(&mut self, name: &'static str) -> Option<Setting<T>>
    where
        T: FromStr,
        Problem: From<T::Err>,
    {
        self.read(name, |text| text.parse().map_err(Problem::from))
    }

    pub(crate) fn path(&mut self, name: &'static str) -> Option<Setting<PathBuf>> {
        self.read(name, |text| Ok(PathBuf::from(text)))
    }

    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<Setting<bool>> {
        self.read(name, boolean)
    }

    /// A number of things, at least one.
    pub(crate) fn count(&mut self, name: &'static str) -> Option<Setting<u32>> {
        self.read(name, |text| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .then(|| text.parse().ok())
                .flatten()
                .filter(|count| *count > 0)
                .ok_or_else(|| Problem {
                    message: format!(
                        "`{}` is not a number of tasks; expected a whole number from 1 to \
                         4294967295",
                        shown(text)
                    ),
                    hint: None,
                })
        })
    }

    /// A secret; what is wrong with it is said without showing it.
    pub(crate) fn secret(&mut self, name: &'static str) -> Option<Setting<Secret>> {
        self.read(name, secret)
    }
}

/// `true` or `false`, in the words that people use for them.
pub(crate) fn boolean(text: &str) -> Result<bool, Problem> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Problem {
            message: format!("`{}` is neither true nor false", shown(text)),
            hint: Some("true, 1, yes, on, false, 0, no and off are read".to_owned()),
        }),
    }
}

/// A token; a refusal doesn't show it.
pub(crate) fn secret(text: &str) -> Result<Secret, Problem> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Secret::new(text.to_owned()));
    }
    Err(Problem {
        message: "the token, which is not shown, has a character that no token has".to_owned(),
        hint: Some("look for a space, a line break or quotes around it".to_owned()),
    })
}

/// How the user spelled a setting: by a flag, by another variable, or in a configuration file.
fn spelled(name: &str, source: &Source) -> String {
    match source {
        Source::Flag(flag) => flag.clone(),
        Source::Environment(variable) => variable.clone(),
        Source::File { .. } => format!("{source}: {name}"),
        _ => name.to_owned(),
    }
}
