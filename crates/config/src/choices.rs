//! Choices with a fixed set of names.

use std::fmt;
use std::str::FromStr;

use epycloud_errors::nearest;
use serde::{Deserialize, Serialize};

/// A value that is none of the names of a choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {what}; expected one of {}", .expected.join(", "))]
pub struct UnknownChoice {
    /// The value given.
    pub value: String,
    /// What it was meant to be, with its article.
    pub what: &'static str,
    /// The names there are.
    pub expected: &'static [&'static str],
}

impl UnknownChoice {
    /// The name that was probably meant.
    #[must_use]
    pub fn suggestion(&self) -> Option<&'static str> {
        nearest(&self.value, self.expected.iter().copied())
    }
}

macro_rules! choice {
    (
        $(#[$meta:meta])* $name:ident ($what:literal) {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $alias:literal)*,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every name, in order.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;

            /// Reads a name in any case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.trim().to_ascii_lowercase().as_str() {
                    $($text $(| $alias)* => Ok(Self::$variant),)+
                    _ => Err(UnknownChoice {
                        value: text.to_owned(),
                        what: $what,
                        expected: Self::NAMES,
                    }),
                }
            }
        }
    };
}

choice! {
    /// A stage of the pipeline.
    Stage ("a stage") {
        /// Stage A: builds the tasks' inputs.
        Builder = "builder" | "a",
        /// Stage B: runs one task.
        Runner = "runner" | "b",
        /// Stage C: turns results into outputs.
        Output = "output" | "c",
    }
}

choice! {
    /// Which engine does the modelling.
    EngineName ("an engine") {
        /// Pure Rust, needs nothing installed.
        Native = "native",
        /// CPython with `epymodelingsuite`.
        Python = "python",
    }
}

choice! {
    /// Where artifacts live and how the log looks.
    ExecutionMode ("an execution mode") {
        /// Object storage, JSON log lines.
        Cloud = "cloud",
        /// The local file system, log lines for people.
        Local = "local",
    }
}

choice! {
    /// How much is logged (the original's names).
    LogLevel ("a log level") {
        /// Everything.
        Debug = "debug",
        /// Progress.
        Info = "info",
        /// What may be wrong.
        Warning = "warning" | "warn",
        /// What is wrong.
        Error = "error",
        /// What ends the process; logged as errors are.
        Critical = "critical",
    }
}

choice! {
    /// Which version of `epymodelingsuite` the native engine agrees with where versions differ.
    SuiteBehaviour ("a version of the suite") {
        /// The newest: school closures are applied, and a vaccination schedule is daily and held
        /// through the day's steps.
        Latest = "latest",
        /// 0.1.0 (November 2025), faults included: school closures are read and then dropped, and
        /// only the step that falls on midnight gets a day's doses.
        V0_1_0 = "0.1.0",
    }
}

choice! {
    /// Whose artifacts the python engine reads; reading one runs what it names.
    ArtifactTrust ("whose artifacts are read") {
        /// Only artifacts of epycloud whose hash matches.
        Own = "own",
        /// The original pipeline's dill pickles too.
        Legacy = "legacy",
    }
}

impl Stage {
    /// The original's letter: A, B or C.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Builder => 'A',
            Self::Runner => 'B',
            Self::Output => 'C',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_in_any_case_by_name_or_letter() {
        for text in ["builder", "A", "a", "BUILDER", " Builder "] {
            assert_eq!(text.parse(), Ok(Stage::Builder), "{text}");
        }
        assert_eq!("C".parse(), Ok(Stage::Output));
    }

    #[test]
    fn an_unknown_name_lists_the_names_and_suggests_the_nearest() {
        let error = "bilder".parse::<Stage>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`bilder` is not a stage; expected one of builder, runner, output"
        );
        assert_eq!(error.suggestion(), Some("builder"));
    }
}
