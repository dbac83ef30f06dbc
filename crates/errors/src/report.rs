//! One error with all that its reader needs: the chain of causes, a hint, and an exit code.

use std::error::Error;
use std::fmt;

use crate::ExitCode;

/// What a crate's error enum says about its variants beyond their text.
///
/// Messages are lowercase fragments that name the offending value in backticks; the cause is the
/// error's `source`, never repeated in its text; advice is the hint.
pub trait Diagnose: Error {
    /// The exit code of a process that ends with this error.
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }

    /// What the reader can do about it, as a sentence fragment.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// An owned error of any crate, ready to be shown.
#[derive(Debug)]
pub struct Report {
    error: Box<dyn Error + Send + Sync>,
    exit_code: ExitCode,
    hint: Option<String>,
}

impl Report {
    /// Takes the error with the exit code and the hint it declares.
    #[must_use]
    pub fn new<E: Diagnose + Send + Sync + 'static>(error: E) -> Self {
        Self {
            exit_code: error.exit_code(),
            hint: error.hint(),
            error: Box::new(error),
        }
    }

    /// The exit code of a process that ends with this error.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        self.exit_code
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The error and its causes, outermost first.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        chain(self.error.as_ref())
    }

    /// The error itself.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.error.as_ref()
    }
}

impl<E: Diagnose + Send + Sync + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut links = self.chain().into_iter();
        write!(f, "error: {}", links.next().unwrap_or_default())?;
        for cause in links {
            write!(f, "\n  caused by: {cause}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// The texts of an error and its causes, outermost first; a cause that only repeats the text
/// before it is left out.
#[must_use]
pub fn chain(error: &dyn Error) -> Vec<String> {
    let mut links = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if links.last() != Some(&text) {
            links.push(text);
        }
        cause = error.source();
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("could not read `{0}`")]
        Read(&'static str, #[source] std::io::Error),
    }

    impl Diagnose for Outer {
        fn exit_code(&self) -> ExitCode {
            ExitCode::Temporary
        }
    }

    #[test]
    fn the_chain_is_printed_once_with_each_cause_on_its_line() {
        let report = Report::new(Outer::Read("a.csv", std::io::Error::other("disk on fire")));
        assert_eq!(report.chain(), ["could not read `a.csv`", "disk on fire"]);
        assert_eq!(
            report.to_string(),
            "error: could not read `a.csv`\n  caused by: disk on fire"
        );
        assert_eq!(report.exit_code(), ExitCode::Temporary);
        assert_eq!(report.hint(), None);
    }
}
