//! What is wrong with a configuration as a whole; single values are [`SettingsErrors`].

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

use crate::settings::{SettingsErrors, Source};
use crate::{Fault, IdentifierError};

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum UserConfigError {
    /// A file is there and can't be read.
    #[error("configuration file `{}` can't be read", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file isn't YAML.
    #[error("{0:#}")]
    Syntax(Box<Fault>),
    /// Values that can't be used.
    #[error("the configuration can't be used")]
    Values {
        /// Each of them.
        source: SettingsErrors,
    },
    /// The file of `--config` isn't there.
    #[error("configuration file `{}` ({origin}) is not there", .file.display())]
    NoFile {
        /// The file.
        file: PathBuf,
        /// Who named it.
        origin: Source,
    },
    /// An environment or a profile has a name that can't be one.
    #[error("{what} named by {origin} is not valid")]
    Name {
        /// `environment` or `profile`.
        what: &'static str,
        /// Who named it.
        origin: Source,
        /// Why.
        source: Box<IdentifierError>,
    },
    /// An environment or a profile isn't there.
    #[error("there is no {what} `{name}`{}", .origin.as_ref().map_or_else(String::new, |origin| format!(" ({origin})")))]
    NoLayer {
        /// `environment` or `profile`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Who named it, unless that is plain.
        origin: Option<Box<Source>>,
        /// One of a similar name.
        nearest: Option<String>,
        /// Those that are there.
        available: Vec<String>,
    },
    /// A key isn't there.
    #[error("there is no key `{name}`")]
    NoKey {
        /// Its name.
        name: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A section is named where a key is meant.
    #[error("`{name}` is a section; a key of it is meant")]
    Section {
        /// Its name.
        name: String,
    },
    /// A value that this needs isn't set, or is a template's placeholder still.
    #[error("`{key}` is {}", .placeholder.as_ref().map_or_else(
        || "not set".to_owned(),
        |text| format!("still the template's placeholder, `{text}`"),
    ))]
    Missing {
        /// The key.
        key: &'static str,
        /// The placeholder.
        placeholder: Option<String>,
    },
}

impl Diagnose for UserConfigError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Name { source, .. } => source.hint.map(str::to_owned),
            Self::NoLayer {
                nearest: Some(name),
                ..
            } => Some(format!("did you mean `{name}`?")),
            Self::NoLayer {
                what, available, ..
            } if available.is_empty() => Some(format!(
                "there are no {what}s; `epycloud config path` says where they would be"
            )),
            Self::NoLayer {
                what, available, ..
            } => Some(format!("the {what}s are: {}", available.join(", "))),
            Self::Missing { key, .. } => {
                Some(format!("set it with `epycloud config set {key} VALUE`"))
            }
            Self::NoKey { nearest, .. } => Some(match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`epycloud config show` lists the keys".to_owned(),
            }),
            Self::Section { name } => Some(format!(
                "such as `{name}.…`; `epycloud config show` lists them"
            )),
            Self::Read { .. } | Self::Syntax(_) | Self::Values { .. } | Self::NoFile { .. } => None,
        }
    }
}
