//! A machine in Google's cloud: its metadata server, and Secret Manager for its account.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::CrcAlgorithm;

use crate::http::{Answer, Asked, Recorded, Server};

/// One server for both: for `GCE_METADATA_HOST` its host, for `EPYCLOUD_GOOGLE_ENDPOINT` its
/// address.
pub struct Machine(Server);

/// What it knows.
struct Known {
    access_token: String,
    /// The path of the secret's latest version, below the service's name.
    secret: String,
    value: String,
}

impl Machine {
    /// One whose account has an access token, with which it may read one secret.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(access_token: &str, project: &str, name: &str, value: &str) -> io::Result<Self> {
        let known = Arc::new(Known {
            access_token: access_token.to_owned(),
            secret: format!(
                "/secretmanager/v1/projects/{project}/secrets/{name}/versions/latest:access"
            ),
            value: value.to_owned(),
        });
        let server = Server::start(Arc::new(move |asked| {
            let known = Arc::clone(&known);
            Box::pin(async move { known.answer(&asked) })
        }))?;
        Ok(Self(server))
    }

    /// The server.
    #[must_use]
    pub const fn server(&self) -> &Server {
        &self.0
    }

    /// Every request so far.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.0.recorded()
    }
}

impl Known {
    fn answer(&self, asked: &Asked) -> Answer {
        let metadata = "/computeMetadata/v1/instance/service-accounts/default/token";
        if asked.path == metadata {
            return match asked.header("metadata-flavor") {
                Some("Google") => Answer::json(format!(
                    "{{\"access_token\":\"{}\",\"expires_in\":3599,\"token_type\":\"Bearer\"}}",
                    self.access_token
                )),
                _ => Answer::status(403),
            };
        }
        let bearer = format!("Bearer {}", self.access_token);
        if asked.header("authorization") != Some(bearer.as_str()) {
            return Answer::status(401);
        }
        if asked.path != self.secret {
            return Answer::status(404);
        }
        let value = self.value.as_bytes();
        let checksum = crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, value);
        let data = BASE64_STANDARD.encode(value);
        Answer::json(format!(
            "{{\"payload\":{{\"data\":\"{data}\",\"dataCrc32c\":\"{checksum}\"}}}}"
        ))
    }
}
