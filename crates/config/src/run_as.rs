//! Whom a stage that is started as root becomes.

use std::fmt;
use std::str::FromStr;

/// A text that names no user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` names no user; expected as-started, data-owner, root, UID or UID:GID")]
pub struct RunAsError {
    /// The value given.
    pub value: String,
}

/// Whom a stage that is started as root becomes. One that isn't stays who it is.
///
/// ```
/// use epycloud_config::RunAs;
///
/// assert_eq!("data-owner".parse(), Ok(RunAs::DataOwner));
/// assert_eq!("1000:100".parse(), Ok(RunAs::User { uid: 1000, gid: 100 }));
/// assert!("nobody".parse::<RunAs>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunAs {
    /// Nobody else: root stays root.
    AsStarted,
    /// The owner of the data folder, so that what is written belongs to whoever mounted it.
    DataOwner,
    /// The user and group of these numbers.
    User {
        /// The user.
        uid: u32,
        /// The group; the user's number unless given.
        gid: u32,
    },
}

impl fmt::Display for RunAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsStarted => f.write_str("as-started"),
            Self::DataOwner => f.write_str("data-owner"),
            Self::User { uid, gid } => write!(f, "{uid}:{gid}"),
        }
    }
}

impl FromStr for RunAs {
    type Err = RunAsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || RunAsError {
            value: crate::shown::shown(text),
        };
        let number = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            // The last number stands for no user at all in the system's calls.
            let number = text.parse().ok().filter(|number| *number != u32::MAX);
            number.filter(|_| digits).ok_or_else(refused)
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "as-started" | "root" => Ok(Self::AsStarted),
            "data-owner" => Ok(Self::DataOwner),
            numbers => {
                let (uid, gid) = numbers.split_once(':').unwrap_or((numbers, numbers));
                Ok(Self::User {
                    uid: number(uid)?,
                    gid: number(gid)?,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers_or_one_of_three_words() {
        let user = |uid, gid| Ok(RunAs::User { uid, gid });
        assert_eq!("1000".parse(), user(1000, 1000));
        assert_eq!("0:0".parse(), user(0, 0));
        assert_eq!(" Data-Owner ".parse(), Ok(RunAs::DataOwner));
        assert_eq!("root".parse(), Ok(RunAs::AsStarted));
        for wrong in ["", "me", "1:", ":1", "-1", "+1", "1:2:3", "4294967295"] {
            let error = wrong.parse::<RunAs>().unwrap_err();
            assert!(error.to_string().contains("UID:GID"), "{wrong}");
        }
    }
}
