//! Whose name requests are made in: application default credentials, by Google's own crate.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use epycloud_config::{CredentialsSource, GoogleSettings};
use epycloud_errors::Secret;
use google_cloud_auth::build_errors;
use google_cloud_auth::credentials::{
    AccessTokenCredentials, external_account, impersonated, mds, service_account, user_account,
};
use serde_json::Value;

use crate::Result;
use crate::error::GoogleError;

/// What a token is for: everything that the account's roles allow.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// A metadata server answers at once, and token servers nearly so.
const PATIENCE: Duration = Duration::from_secs(20);

/// Gives access tokens, and new ones when they expire.
///
/// They are refreshed by a task of the runtime that the first one was asked for in: an `Auth`, and
/// a client that has it, is for one runtime.
pub struct Auth {
    source: Source,
    /// Made with the first token: their refresher needs a runtime.
    credentials: Mutex<Option<AccessTokenCredentials>>,
}

enum Source {
    Fixed(Secret),
    File(PathBuf),
    Metadata(Option<String>),
}

impl Auth {
    /// Application default credentials, from where the settings say they are. Nothing is read yet.
    #[must_use]
    pub fn new(settings: &GoogleSettings) -> Self {
        Self::of(match &settings.credentials {
            CredentialsSource::File { path, .. } => Source::File(path.clone()),
            CredentialsSource::Metadata { host } => Source::Metadata(host.clone()),
        })
    }

    /// One token for ever.
    #[must_use]
    pub const fn fixed(token: Secret) -> Self {
        Self::of(Source::Fixed(token))
    }

    const fn of(source: Source) -> Self {
        Self {
            source,
            credentials: Mutex::new(None),
        }
    }

    /// An access token that should be good.
    pub(crate) async fn token(&self) -> Result<Secret> {
        let credentials = match &self.source {
            Source::Fixed(token) => return Ok(token.clone()),
            Source::File(path) => self.made_once(|| from_file(path))?,
            Source::Metadata(host) => self.made_once(|| from_metadata(host.as_deref()))?,
        };
        match tokio::time::timeout(PATIENCE, credentials.access_token()).await {
            Ok(Ok(access)) => Ok(Secret::new(access.token)),
            Ok(Err(error)) => Err(self.no_token(error.is_transient(), error)),
            Err(elapsed) => Err(self.no_token(true, elapsed)),
        }
    }

    /// Forgets the token: a server has refused it, so the next one is made anew.
    pub(crate) fn renew(&self) {
        if let Ok(mut credentials) = self.credentials.lock() {
            *credentials = None;
        }
    }

    fn made_once(
        &self,
        make: impl FnOnce() -> Result<AccessTokenCredentials>,
    ) -> Result<AccessTokenCredentials> {
        let mut known = match self.credentials.lock() {
            Ok(known) => known,
            // Whoever held it panicked before changing anything.
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(credentials) = &*known {
            return Ok(credentials.clone());
        }
        let made = make()?;
        *known = Some(made.clone());
        Ok(made)
    }

    /// Without a file, and without a metadata server where Google's would be, there are simply no
    /// credentials.
    fn no_token(&self, temporary: bool, error: impl Error + Send + Sync + 'static) -> GoogleError {
        let is_nowhere = matches!(self.source, Source::Metadata(None)) && is_unreachable(&error);
        let source = Box::new(error);
        if is_nowhere {
            GoogleError::NoCredentials { source }
        } else {
            GoogleError::Token { temporary, source }
        }
    }
}

/// Whether nobody was there to answer.
fn is_unreachable(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(link) = next {
        let http = link.downcast_ref::<reqwest::Error>();
        if link.is::<tokio::time::error::Elapsed>()
            || http.is_some_and(|error| error.is_connect() || error.is_timeout())
        {
            return true;
        }
        next = link.source();
    }
    false
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.source {
            Source::Fixed(_) => "fixed",
            Source::File(_) => "file",
            Source::Metadata(_) => "metadata",
        };
        f.debug_tuple("Auth").field(&kind).finish()
    }
}

fn from_file(path: &Path) -> Result<AccessTokenCredentials> {
    let text = std::fs::read_to_string(path).map_err(|source| GoogleError::CredentialsFile {
        path: path.to_owned(),
        source,
    })?;
    let invalid = |reason: String| GoogleError::InvalidCredentials {
        path: path.to_owned(),
        reason,
    };
    // The parser's message may quote the file; its position is enough.
    let json: Value = serde_json::from_str(&text).map_err(|error| {
        invalid(format!(
            "no JSON (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    let built = match json["type"].as_str() {
        Some("authorized_user") => user_account::Builder::new(json)
            .with_scopes([SCOPE])
            .build_access_token_credentials(),
        Some("service_account") => service_account::Builder::new(json)
            .with_access_specifier(service_account::AccessSpecifier::from_scopes([SCOPE]))
            .build_access_token_credentials(),
        Some("impersonated_service_account") => impersonated::Builder::new(json)
            .with_scopes([SCOPE])
            .build_access_token_credentials(),
        Some("external_account") => external_account::Builder::new(json)
            .with_scopes([SCOPE])
            .build_access_token_credentials(),
        Some(kind) => {
            return Err(invalid(format!(
                "credentials of type `{kind}` are not known"
            )));
        }
        None => return Err(invalid("it has no `type`".into())),
    };
    built.map_err(|error| invalid(what_is_wrong(&error).to_owned()))
}

/// In words of our own: the crate's may hold what the file holds.
fn what_is_wrong(error: &build_errors::Error) -> &'static str {
    if error.is_missing_field() {
        "a field is missing"
    } else if error.is_unknown_type() || error.is_not_supported() {
        "credentials of this kind are not supported"
    } else {
        "a field is not what it should be"
    }
}

fn from_metadata(host: Option<&str>) -> Result<AccessTokenCredentials> {
    let builder = mds::Builder::default().with_scopes([SCOPE]);
    let builder = match host {
        Some(host) => builder.with_endpoint(format!("http://{host}")),
        None => builder,
    };
    builder
        .build_access_token_credentials()
        .map_err(|source| GoogleError::NoCredentials {
            source: Box::new(source),
        })
}
