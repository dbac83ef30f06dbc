//! Sends requests: credentials, time limits, repetitions, and errors told apart.

use std::time::{Duration, Instant};

use epycloud_config::GoogleSettings;
use epycloud_errors::redact;
use http::StatusCode;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::answer::Refusal;
use crate::auth::Auth;
use crate::endpoints::Endpoints;
use crate::error::GoogleError;
use crate::request::{ApiRequest, Method, Repeat};
use crate::retry::{RetryPolicy, retry_after};

/// The most that is read of one answer: a full page of log entries has less.
const LARGEST_ANSWER: usize = 64 << 20;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends requests to Google's services in an account's name.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    auth: Auth,
    endpoints: Endpoints,
    policy: RetryPolicy,
}

/// An attempt that failed.
struct Failed {
    error: GoogleError,
    then: Then,
}

/// What may follow a failed attempt.
enum Then {
    /// Nothing: it would fail again.
    End,
    /// A new token.
    Renew,
    /// Another attempt; the server hasn't done anything. It may have asked for a wait.
    Refused(Option<Duration>),
    /// Another attempt, but the server may have done it.
    Unclear(Option<Duration>),
}

impl Client {
    /// One for the account and the servers that the settings name.
    ///
    /// # Errors
    ///
    /// [`GoogleError::Setup`]: there are no certificates to trust, or an unusable proxy.
    pub fn new(settings: &GoogleSettings) -> Result<Self> {
        let endpoints = Endpoints::new(settings.endpoint.clone());
        Self::with(Auth::new(settings), endpoints, RetryPolicy::default())
    }

    /// One with all its parts given.
    ///
    /// # Errors
    ///
    /// [`GoogleError::Setup`]: there are no certificates to trust, or an unusable proxy.
    pub fn with(auth: Auth, endpoints: Endpoints, policy: RetryPolicy) -> Result<Self> {
        // The HTTP client and the auth crate's take the process's provider. Whoever has set one
        // keeps it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("epycloud/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(policy.request_timeout)
            // An API doesn't redirect, and a token shouldn't follow where it does.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| GoogleError::Setup { source })?;
        Ok(Self {
            http,
            auth,
            endpoints,
            policy,
        })
    }

    /// Where the services are.
    #[must_use]
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// How patient it is.
    #[must_use]
    pub const fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// Sends a request and reads its answer. What is temporary (408, 429, 5xx, connections) is
    /// tried again until the deadline, as far as the request allows; a refused token is renewed
    /// once.
    ///
    /// # Errors
    ///
    /// See [`GoogleError`].
    pub async fn send<T: DeserializeOwned>(&self, request: &ApiRequest) -> Result<T> {
        let bytes = self.bytes(request).await?;
        // Several methods answer with nothing at all where an empty object is meant.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(text).map_err(|source| {
            let purpose = request.purpose.clone();
            if source.is_eof() {
                GoogleError::Truncated { purpose }
            } else {
                GoogleError::Answer { purpose, source }
            }
        })
    }

    async fn bytes(&self, request: &ApiRequest) -> Result<Vec<u8>> {
        let started = Instant::now();
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            let Failed { error, then } = match self.attempt(request).await {
                Ok(bytes) => return Ok(bytes),
                Err(failed) => failed,
            };
            let asked = match then {
                Then::End => return Err(error),
                Then::Renew if renewed => return Err(error),
                Then::Renew => {
                    renewed = true;
                    self.auth.renew();
                    continue;
                }
                Then::Unclear(_) if request.repeat == Repeat::IfRefused => return Err(error),
                Then::Refused(asked) | Then::Unclear(asked) => asked,
            };
            let delay = self.policy.delay(attempt, asked);
            if started.elapsed() + delay >= self.policy.deadline {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: &ApiRequest) -> Result<Vec<u8>, Failed> {
        let end = |error| Failed {
            error,
            then: Then::End,
        };
        let url = request.url(&self.endpoints).map_err(end)?;
        let token = self.auth.token().await.map_err(|error| {
            let then = match error {
                GoogleError::Token {
                    temporary: true, ..
                } => Then::Refused(None),
                _ => Then::End,
            };
            self.auth.renew();
            Failed { error, then }
        })?;
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Delete => http::Method::DELETE,
        };
        let mut sent = self.http.request(method, url).bearer_auth(token.expose());
        if let Some(body) = &request.body {
            sent = sent
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let answer = sent
            .send()
            .await
            .map_err(|error| self.unanswered(request, error))?;
        let status = answer.status();
        let asked = retry_after(answer.headers(), Timestamp::now());
        let body = self.body(request, answer).await;
        if status.is_success() {
            return body;
        }
        let text = redact(
            &String::from_utf8_lossy(&body.unwrap_or_default()),
            std::slice::from_ref(&token),
        );
        Err(refused(
            request,
            status,
            asked,
            &Refusal::read(text.as_bytes()),
        ))
    }

    /// Reads an answer piece by piece, so that no server can fill the memory.
    async fn body(
        &self,
        request: &ApiRequest,
        mut answer: reqwest::Response,
    ) -> Result<Vec<u8>, Failed> {
        let mut bytes = Vec::new();
        loop {
            let piece = answer.chunk().await.map_err(|error| {
                if error.is_timeout() {
                    self.unanswered(request, error)
                } else {
                    Failed {
                        error: GoogleError::Truncated {
                            purpose: request.purpose.clone(),
                        },
                        then: Then::Unclear(None),
                    }
                }
            })?;
            let Some(piece) = piece else {
                return Ok(bytes);
            };
            if bytes.len() + piece.len() > LARGEST_ANSWER {
                return Err(Failed {
                    error: GoogleError::TooLarge {
                        purpose: request.purpose.clone(),
                        limit: LARGEST_ANSWER,
                    },
                    then: Then::End,
                });
            }
            bytes.extend_from_slice(&piece);
        }
    }

    fn unanswered(&self, request: &ApiRequest, error: reqwest::Error) -> Failed {
        let purpose = request.purpose.clone();
        if error.is_timeout() && !error.is_connect() {
            return Failed {
                error: GoogleError::Timeout {
                    purpose,
                    after: self.policy.request_timeout,
                },
                then: Then::Unclear(None),
            };
        }
        let then = if error.is_connect() {
            Then::Refused(None)
        } else if error.is_builder() {
            Then::End
        } else {
            Then::Unclear(None)
        };
        Failed {
            error: GoogleError::Unreachable {
                purpose,
                service: request.service,
                source: error.without_url(),
            },
            then,
        }
    }
}

/// The error that a status stands for.
fn refused(
    request: &ApiRequest,
    status: StatusCode,
    asked: Option<Duration>,
    refusal: &Refusal,
) -> Failed {
    let purpose = request.purpose.clone();
    let message = refusal.message.clone();
    let service = request.service;
    let (error, then) = match status {
        StatusCode::UNAUTHORIZED => (
            GoogleError::Unauthenticated { purpose, message },
            Then::Renew,
        ),
        StatusCode::FORBIDDEN => match &refusal.disabled {
            Some(api) => (
                GoogleError::Disabled {
                    purpose,
                    api: api.clone(),
                },
                Then::End,
            ),
            None => (
                GoogleError::Denied {
                    purpose,
                    service,
                    permission: refusal.permission.clone(),
                    message,
                },
                Then::End,
            ),
        },
        StatusCode::NOT_FOUND => (GoogleError::NotFound { purpose, message }, Then::End),
        StatusCode::CONFLICT => (GoogleError::Conflict { purpose, message }, Then::End),
        StatusCode::TOO_MANY_REQUESTS => (
            GoogleError::Quota { purpose, message },
            Then::Refused(asked),
        ),
        _ if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => (
            GoogleError::Unavailable {
                purpose,
                service,
                status: status.as_u16(),
                message,
            },
            Then::Unclear(asked),
        ),
        _ => (
            GoogleError::Refused {
                purpose,
                status: status.as_u16(),
                message,
            },
            Then::End,
        ),
    };
    Failed { error, then }
}
