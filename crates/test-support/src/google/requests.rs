//! What was asked.

use serde_json::Value;

use crate::http::Asked;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, decoded, from the service's name on.
    pub path: String,
    /// Names and values after the `?`, decoded.
    pub query: Vec<(String, String)>,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent.
    pub body: String,
}

impl Recorded {
    pub(super) fn of(asked: &Asked) -> Self {
        let headers = asked.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        });
        Self {
            method: asked.method.clone(),
            path: asked.path.clone(),
            query: asked.query.clone(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(&asked.body).into_owned(),
        }
    }

    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A value after the `?`.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_it = |known: &str| known.eq_ignore_ascii_case(name);
        let found = self.headers.iter().find(|(known, _)| is_it(known));
        found.map(|(_, value)| value.as_str())
    }

    /// All of it but the header that a token belongs in.
    #[must_use]
    pub fn without_authorization(&self) -> String {
        let mut text = format!("{} {} {:?}\n", self.method, self.path, self.query);
        for (name, value) in &self.headers {
            if !name.eq_ignore_ascii_case("authorization") {
                text.push_str(&format!("{name}: {value}\n"));
            }
        }
        text.push_str(&self.body);
        text
    }
}
