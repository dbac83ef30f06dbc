//! A request as plain data: made by a pure function, looked at by tests, sent by a client.

use serde_json::Value;
use url::Url;

use crate::endpoints::{Endpoints, Service};
use crate::error::GoogleError;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or does something.
    Post,
    /// Removes.
    Delete,
}

impl Method {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// When a request may be sent a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Whenever it may not have worked: doing it twice is doing it once.
    Always,
    /// Only if the server surely hasn't done it.
    IfRefused,
}

/// What is asked of a service. It holds no credentials; the client adds them.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiRequest {
    /// The service.
    pub service: Service,
    /// The method.
    pub method: Method,
    /// The path after the service's address, from its version on, without a slash at the start.
    pub path: String,
    /// Names and values after the `?`.
    pub query: Vec<(&'static str, String)>,
    /// The JSON that is sent.
    pub body: Option<Value>,
    /// What it is for, as it would follow "could not".
    pub purpose: String,
    /// When it may be sent again.
    pub repeat: Repeat,
}

impl ApiRequest {
    pub(crate) fn new(
        service: Service,
        method: Method,
        path: impl Into<String>,
        purpose: impl Into<String>,
    ) -> Self {
        Self {
            service,
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
            purpose: purpose.into(),
            repeat: Repeat::Always,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) const fn only_if_refused(mut self) -> Self {
        self.repeat = Repeat::IfRefused;
        self
    }

    /// The same for a further page: its token stands in the query, or in the body of a `POST`.
    #[must_use]
    pub fn page(&self, token: &str) -> Self {
        let mut next = self.clone();
        match (&mut next.body, next.method) {
            (Some(Value::Object(body)), Method::Post) => {
                body.insert("pageToken".into(), token.into());
            }
            _ => {
                next.query.retain(|(name, _)| *name != "pageToken");
                next.query.push(("pageToken", token.to_owned()));
            }
        }
        next
    }

    /// The address it is sent to. Every part of the path is escaped.
    ///
    /// # Errors
    ///
    /// The endpoint can't be the start of an address.
    pub fn url(&self, endpoints: &Endpoints) -> Result<Url, GoogleError> {
        let base = endpoints.base(self.service);
        let broken = || GoogleError::Address {
            purpose: self.purpose.clone(),
        };
        let mut url: Url = base.parse().map_err(|_| broken())?;
        url.path_segments_mut()
            .map_err(|()| broken())?
            .pop_if_empty()
            .extend(self.path.split('/'));
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}
