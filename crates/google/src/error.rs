//! What can go wrong between here and Google.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use epycloud_errors::{Diagnose, ExitCode};

use crate::endpoints::Service;

/// What can go wrong between here and Google. No variant holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum GoogleError {
    /// There are no credentials on this machine.
    #[error("there are no Google credentials on this machine")]
    NoCredentials {
        /// Why the last place where they could have been has none.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The file of the credentials can't be read.
    #[error("credentials file `{}` can't be read", .path.display())]
    CredentialsFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file of the credentials is there, and is no such file. Its content is not repeated.
    #[error("credentials file `{}` is not usable: {reason}", .path.display())]
    InvalidCredentials {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No access token could be obtained.
    #[error("no access token could be obtained")]
    Token {
        /// Whether it may work later.
        temporary: bool,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A new token was refused too.
    #[error("could not {purpose}: the credentials were refused")]
    Unauthenticated {
        /// What was tried.
        purpose: String,
        /// What the server said.
        message: String,
    },
    /// The account isn't allowed to.
    #[error("could not {purpose}: access is denied{}", said(.message))]
    Denied {
        /// What was tried.
        purpose: String,
        /// The service.
        service: Service,
        /// The permission that is missing, if the server said which.
        permission: Option<String>,
        /// What the server said.
        message: String,
    },
    /// The project doesn't use the service.
    #[error("could not {purpose}: `{api}` is not switched on in the project")]
    Disabled {
        /// What was tried.
        purpose: String,
        /// The service's full name.
        api: String,
    },
    /// It isn't there.
    #[error("could not {purpose}: it is not there{}", said(.message))]
    NotFound {
        /// What was tried.
        purpose: String,
        /// What the server said.
        message: String,
    },
    /// It can't be done as things stand: it exists already, or has ended.
    #[error("could not {purpose}: it conflicts with how things stand{}", said(.message))]
    Conflict {
        /// What was tried.
        purpose: String,
        /// What the server said.
        message: String,
    },
    /// A quota is used up, and stayed so.
    #[error("could not {purpose}: a quota is used up{}", said(.message))]
    Quota {
        /// What was tried.
        purpose: String,
        /// What the server said.
        message: String,
    },
    /// The server takes the request for wrong.
    #[error("could not {purpose}: refused with status {status}{}", said(.message))]
    Refused {
        /// What was tried.
        purpose: String,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// The service has a failure of its own, and kept it.
    #[error("could not {purpose}: {} answered with status {status}{}", .service.title(), said(.message))]
    Unavailable {
        /// What was tried.
        purpose: String,
        /// The service.
        service: Service,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// The server can't be reached.
    #[error("could not {purpose}: {} can't be reached", .service.title())]
    Unreachable {
        /// What was tried.
        purpose: String,
        /// The service.
        service: Service,
        /// Why; without the address.
        source: reqwest::Error,
    },
    /// The answer took too long.
    #[error("could not {purpose}: no answer within {} s", .after.as_secs_f64())]
    Timeout {
        /// What was tried.
        purpose: String,
        /// The time given.
        after: Duration,
    },
    /// The answer ended before its end.
    #[error("could not {purpose}: the answer is cut short")]
    Truncated {
        /// What was tried.
        purpose: String,
    },
    /// The answer is larger than any that makes sense.
    #[error("could not {purpose}: the answer is larger than {limit} bytes")]
    TooLarge {
        /// What was tried.
        purpose: String,
        /// The most that is read.
        limit: usize,
    },
    /// The answer isn't what the API documents.
    #[error("could not {purpose}: the answer is not understood")]
    Answer {
        /// What was tried.
        purpose: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A listing that never ends.
    #[error("could not {purpose}: the listing comes to no end")]
    EndlessPages {
        /// What was tried.
        purpose: String,
    },
    /// A secret isn't text, or didn't arrive whole.
    #[error("secret `{name}` is not usable: {reason}")]
    Secret {
        /// Its name.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// No address can be made of the endpoint.
    #[error("could not {purpose}: the endpoint is not an address")]
    Address {
        /// What was tried.
        purpose: String,
    },
    /// The HTTP client couldn't be made.
    #[error("the HTTP client could not be set up")]
    Setup {
        /// Why.
        source: reqwest::Error,
    },
}

fn said(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(" ({message})")
    }
}

impl GoogleError {
    /// Whether it may have worked although it failed here: the answer didn't arrive.
    #[must_use]
    pub const fn is_unclear(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::Unreachable { .. }
                | Self::Timeout { .. }
                | Self::Truncated { .. }
        )
    }

    /// Whether it says that something isn't there.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

impl Diagnose for GoogleError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoCredentials { .. }
            | Self::CredentialsFile { .. }
            | Self::InvalidCredentials { .. }
            | Self::Address { .. } => ExitCode::Usage,
            Self::Token { temporary, .. } if *temporary => ExitCode::Temporary,
            Self::Quota { .. }
            | Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Truncated { .. } => ExitCode::Temporary,
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        const LOG_IN: &str = "log in with `gcloud auth application-default login`, or name a key \
                              with `GOOGLE_APPLICATION_CREDENTIALS`";
        let hint = match self {
            Self::NoCredentials { .. } => LOG_IN.to_owned(),
            Self::CredentialsFile { .. } | Self::InvalidCredentials { .. } => {
                format!("check `GOOGLE_APPLICATION_CREDENTIALS`; without it, {LOG_IN}")
            }
            Self::Token {
                temporary: false, ..
            }
            | Self::Unauthenticated { .. } => {
                format!("the credentials may have been revoked: {LOG_IN}")
            }
            Self::Denied {
                permission,
                service,
                ..
            } => denied(permission.as_deref(), *service),
            Self::Disabled { api, .. } => {
                format!("`gcloud services enable {api}` switches it on")
            }
            Self::NotFound { .. } => {
                "check the name, and `google_cloud.project_id` and `google_cloud.region`".to_owned()
            }
            Self::Quota { .. } => {
                "wait, or ask for more: <https://console.cloud.google.com/iam-admin/quotas>"
                    .to_owned()
            }
            Self::Unavailable { .. } | Self::Timeout { .. } | Self::Truncated { .. } => {
                "try again later; <https://status.cloud.google.com> tells of outages".to_owned()
            }
            Self::Unreachable { .. } => "check the network and any proxy".to_owned(),
            _ => return None,
        };
        Some(hint)
    }
}

/// Which role has the permission, by service.
fn denied(permission: Option<&str>, service: Service) -> String {
    let role = match service {
        Service::Batch => "roles/batch.jobsEditor",
        Service::CloudBuild => "roles/cloudbuild.builds.editor",
        Service::Compute => "roles/compute.viewer",
        Service::Logging => "roles/logging.viewer",
        Service::SecretManager => "roles/secretmanager.secretAccessor",
        Service::Workflows => "roles/workflows.viewer",
        Service::WorkflowExecutions => "roles/workflows.invoker",
    };
    match permission {
        // Batch starts jobs in the name of a service account, which is a permission on that.
        Some(permission @ "iam.serviceAccounts.actAs") => {
            format!("the account lacks `{permission}`; role `roles/iam.serviceAccountUser` has it")
        }
        Some(permission) => {
            format!("the account lacks `{permission}`; role `{role}` usually has it")
        }
        None => format!("role `{role}` in the project usually allows it"),
    }
}
