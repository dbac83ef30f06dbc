//! Names that become paths, object keys and arguments of other programs: each is a type that can
//! only be made from text that is safe there.

mod cloud;
mod email;
mod file_name;
mod git;
mod image;
mod network;
mod place;
mod run;

pub use cloud::{BucketName, ProjectId, SecretName};
pub use email::EmailAddress;
pub use file_name::FileName;
pub use git::{CommitId, GitRef, GithubRepository};
pub use image::{ImageName, ImageTag, Registry};
pub use network::NetworkName;
pub use place::{BillingLabel, MachineType, Region};
pub use run::{DirPrefix, ExpId, RunId, TaskIndex};

use epycloud_errors::{Diagnose, ExitCode};

/// A text that isn't the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {what}; expected {expected}")]
pub struct IdentifierError {
    /// What it was meant to be, with its article.
    pub what: &'static str,
    /// The text given, made fit to be shown: shortened, control characters escaped, credentials
    /// masked.
    pub value: String,
    /// What is accepted.
    pub expected: &'static str,
    /// What can be done about it, where more than the expectation can be said.
    pub hint: Option<&'static str>,
}

impl Diagnose for IdentifierError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        self.hint.map(str::to_owned)
    }
}

/// What is wrong with a text: what would be accepted, and a hint.
pub(crate) struct Refusal {
    pub(crate) expected: &'static str,
    pub(crate) hint: Option<&'static str>,
}

impl Refusal {
    pub(crate) const fn new(expected: &'static str) -> Self {
        Self {
            expected,
            hint: None,
        }
    }

    pub(crate) const fn with_hint(expected: &'static str, hint: &'static str) -> Self {
        Self {
            expected,
            hint: Some(hint),
        }
    }
}

/// A text type that is only made through `$check`, which returns the text to keep.
macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident ($what:literal, $check:path)) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::identifier::IdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match $check(text) {
                    Ok(kept) => Ok(Self(kept.to_owned())),
                    Err(refusal) => Err($crate::identifier::IdentifierError {
                        what: $what,
                        value: $crate::shown::shown(text),
                        expected: refusal.expected,
                        hint: refusal.hint,
                    }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::identifier::IdentifierError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use identifier;

/// Whether a text is safe as one part of a path, an object key and a shell word: ASCII letters,
/// digits, `.`, `_` and `-`, and not a name that means another folder.
pub(crate) fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    /// Texts that look like identifiers often enough to be accepted sometimes.
    fn near_identifiers() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Za-z0-9._/-]{0,40}",
            "[a-z.]{1,3}(/[a-z.]{1,3}){0,4}",
            "[ -~]{0,30}",
            any::<String>(),
        ]
    }

    fn stays_inside(text: &str) -> bool {
        let joined = Path::new("/data/bucket").join(text);
        joined.starts_with("/data/bucket")
            && joined
                .components()
                .all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
    }

    fn round_trips<T>(text: &str) -> Result<(), TestCaseError>
    where
        T: std::str::FromStr
            + AsRef<str>
            + serde::Serialize
            + serde::de::DeserializeOwned
            + PartialEq
            + std::fmt::Debug
            + std::fmt::Display,
    {
        let Ok(value) = text.parse::<T>() else {
            let json = serde_json::to_string(text).unwrap();
            prop_assert!(
                serde_json::from_str::<T>(&json).is_err(),
                "serde accepted {text:?}"
            );
            return Ok(());
        };
        prop_assert!(stays_inside(value.as_ref()), "{value} escapes");
        prop_assert!(
            value.as_ref().bytes().all(|byte| byte.is_ascii_graphic()),
            "{value:?}"
        );
        let again: T = value
            .to_string()
            .parse()
            .ok()
            .expect("what is displayed is accepted");
        prop_assert_eq!(&again, &value);
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2_000, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_accepted_round_trips_and_stays_inside(text in near_identifiers()) {
            round_trips::<ExpId>(&text)?;
            round_trips::<RunId>(&text)?;
            round_trips::<DirPrefix>(&text)?;
            round_trips::<FileName>(&text)?;
            round_trips::<BucketName>(&text)?;
            round_trips::<SecretName>(&text)?;
            round_trips::<NetworkName>(&text)?;
            round_trips::<ProjectId>(&text)?;
            round_trips::<GithubRepository>(&text)?;
            round_trips::<GitRef>(&text)?;
            round_trips::<CommitId>(&text)?;
        }

        #[test]
        fn a_foreign_character_anywhere_is_refused(
            before in "[a-z]{0,5}", after in "[a-z]{0,5}",
            foreign in prop_oneof![
                Just('\0'), Just(' '), Just('\\'), Just('\n'), Just('~'), Just('é'),
                Just('\u{202e}'), Just('\u{ff0f}'), Just('\u{7f}'),
                any::<char>().prop_filter("foreign", |c| !c.is_ascii_graphic()),
            ],
        ) {
            let text = format!("{before}{foreign}{after}");
            prop_assert!(text.parse::<ExpId>().is_err());
            prop_assert!(text.parse::<RunId>().is_err());
            prop_assert!(text.parse::<DirPrefix>().is_err());
            prop_assert!(text.parse::<FileName>().is_err());
            prop_assert!(text.parse::<BucketName>().is_err());
            prop_assert!(text.parse::<GithubRepository>().is_err());
            prop_assert!(text.parse::<GitRef>().is_err());
        }
    }
}
