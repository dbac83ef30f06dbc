//! Requests and answers.

use bytes::Bytes;
use hyper::HeaderMap;

use super::Trouble;

/// A request, with its whole body.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET`, `PUT` …
    pub method: String,
    /// What stands between the host and `?`, as it was sent.
    pub raw_path: String,
    /// The same, decoded.
    pub path: String,
    /// What stands after `?`, as it was sent.
    pub raw_query: String,
    /// Names and values of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Asked {
    /// The value of a name in the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.query.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What a server answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The length that the answer to `HEAD` announces; the body's otherwise.
    pub length: Option<u64>,
    /// What goes wrong while it is sent.
    pub trouble: Option<Trouble>,
}

impl Answer {
    /// One with a status and nothing else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
            trouble: None,
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a body of a media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.with("content-type", media_type)
    }

    /// A JSON text with status 200.
    #[must_use]
    pub fn json(text: impl Into<Bytes>) -> Self {
        Self::status(200).body("application/json", text)
    }
}

/// A request as it came, for tests that look at what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `PUT /bucket/object?query`.
    pub line: String,
    /// `name: value`, one after the other.
    pub headers: Vec<String>,
    /// How long the body was, in bytes.
    pub body_bytes: usize,
    /// The body's first 64 KiB.
    pub body_start: Bytes,
    /// The status of the answer; `None` when none was sent.
    pub status: Option<u16>,
}
