//! How the server misbehaves.

use std::time::Duration;

use serde_json::{Value, json};

/// What happens instead of an answer.
#[derive(Debug, Clone)]
pub enum Misbehaviour {
    /// A status, with a body and perhaps a time to wait in seconds.
    Status(u16, Value, Option<u32>),
    /// The right answer, cut in half.
    Truncated,
    /// The right answer, late.
    Slow(Duration),
    /// The connection ends without an answer; what was asked is done all the same.
    Lost,
}

/// A misbehaviour towards some requests.
#[derive(Debug, Clone)]
pub struct Fault {
    pub(super) method: Option<&'static str>,
    pub(super) path_contains: String,
    pub(super) times: usize,
    pub(super) misbehaviour: Misbehaviour,
}

impl Fault {
    /// Towards the next request whose path contains a text.
    #[must_use]
    pub fn once(path_contains: impl Into<String>, misbehaviour: Misbehaviour) -> Self {
        Self {
            method: None,
            path_contains: path_contains.into(),
            times: 1,
            misbehaviour,
        }
    }

    /// Towards more of them.
    #[must_use]
    pub const fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Towards those of one method alone.
    #[must_use]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }
}

impl Misbehaviour {
    /// A refusal as Google writes it.
    #[must_use]
    pub fn refusal(code: u16, status: &str, message: &str) -> Self {
        Self::Status(code, refusal(code, status, message), None)
    }

    /// "Come back in so many seconds."
    #[must_use]
    pub fn busy(code: u16, seconds: u32) -> Self {
        let body = refusal(code, "UNAVAILABLE", "too much to do");
        Self::Status(code, body, Some(seconds))
    }
}

pub(super) fn refusal(code: u16, status: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "status": status, "message": message } })
}
