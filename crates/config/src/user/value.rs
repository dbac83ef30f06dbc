//! Values as texts say them.

use std::str::FromStr;

use epycloud_errors::Secret;

use crate::settings::{Problem, boolean, secret};
use crate::shown::shown;

/// A whole number within bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole<const LEAST: u32, const MOST: u32>(pub(crate) u32);

impl<const LEAST: u32, const MOST: u32> FromStr for Whole<LEAST, MOST> {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|number| digits && (LEAST..=MOST).contains(number))
            .map(Self)
            .ok_or_else(|| Problem {
                message: format!(
                    "`{}` is not allowed; expected a whole number from {LEAST} to {MOST}",
                    shown(text)
                ),
                hint: None,
            })
    }
}

/// `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth(pub(crate) bool);

impl FromStr for Truth {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        boolean(text).map(Self)
    }
}

/// A token.
pub(crate) struct Token(pub(crate) Secret);

impl FromStr for Token {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        secret(text).map(Self)
    }
}
