//! Everything wrong with the settings, at once.

use std::fmt;

use epycloud_errors::{Diagnose, ExitCode};

use crate::{GithubServerError, IdentifierError, RunAsError, UnknownChoice};

/// One setting that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The variable, or the flag in its place.
    pub name: String,
    /// What is wrong, with the value in backticks.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SettingError {}

/// Everything wrong with the settings; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsErrors(Vec<SettingError>);

impl SettingsErrors {
    /// The errors, or nothing when there are none.
    pub(crate) fn from_list(errors: Vec<SettingError>) -> Result<(), Self> {
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Self(errors))
        }
    }

    /// The errors.
    #[must_use]
    pub fn errors(&self) -> &[SettingError] {
        &self.0
    }
}

impl fmt::Display for SettingsErrors {
    /// One error on its line; several as a list below a line that counts them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [error] = self.0.as_slice() {
            return error.fmt(f);
        }
        write!(f, "{} settings can't be used:", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|error| write!(f, "\n  - {error}"))
    }
}

impl std::error::Error for SettingsErrors {}

impl Diagnose for SettingsErrors {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// Why a value was refused: what is wrong and what to do.
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl From<IdentifierError> for Problem {
    fn from(error: IdentifierError) -> Self {
        Self {
            message: error.to_string(),
            hint: error.hint.map(str::to_owned),
        }
    }
}

impl From<std::convert::Infallible> for Problem {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<RunAsError> for Problem {
    fn from(error: RunAsError) -> Self {
        Self {
            message: error.to_string(),
            hint: None,
        }
    }
}

impl From<GithubServerError> for Problem {
    fn from(error: GithubServerError) -> Self {
        Self {
            message: error.to_string(),
            hint: error.hint(),
        }
    }
}

impl From<UnknownChoice> for Problem {
    fn from(mut error: UnknownChoice) -> Self {
        let hint = error
            .suggestion()
            .map(|name| format!("did you mean `{name}`?"));
        error.value = crate::shown::shown(&error.value);
        Self {
            message: error.to_string(),
            hint,
        }
    }
}
