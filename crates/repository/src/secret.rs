//! A secret of Google Secret Manager, with the access token of the metadata server.
//!
//! Sources: <https://cloud.google.com/compute/docs/access/authenticate-workloads>,
//! <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access>

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::CrcAlgorithm;
use epycloud_config::{ProjectId, SecretName};
use epycloud_errors::Secret;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::error::RepositoryError;

const SECRET_MANAGER: &str = "https://secretmanager.googleapis.com";
const METADATA: &str = "metadata.google.internal";
const TIMEOUT: Duration = Duration::from_secs(20);

/// Where both services are.
pub(crate) struct Places {
    secret_manager: String,
    metadata: String,
}

impl Places {
    /// Of a server that stands for all of Google's, each service is below its name.
    pub(crate) fn new(endpoint: Option<&str>, metadata_host: Option<&str>) -> Self {
        Self {
            secret_manager: endpoint.map_or_else(
                || SECRET_MANAGER.to_owned(),
                |endpoint| format!("{endpoint}/secretmanager"),
            ),
            metadata: metadata_host.unwrap_or(METADATA).to_owned(),
        }
    }
}

/// Why it wasn't read, and whether trying again may help.
struct Failed {
    reason: String,
    temporary: bool,
}

#[derive(Deserialize)]
struct Token {
    access_token: Secret,
}

#[derive(Deserialize)]
struct Version {
    payload: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    /// In base64.
    data: Secret,
    /// A 64-bit number, as a text.
    data_crc32c: Option<String>,
}

/// The latest version of a secret.
pub(crate) async fn read(
    places: &Places,
    project: &ProjectId,
    name: &SecretName,
) -> Result<Secret> {
    try_read(places, project, name)
        .await
        .map_err(|Failed { reason, temporary }| RepositoryError::Secret {
            secret: name.to_string(),
            project: project.to_string(),
            reason,
            temporary,
        })
}

async fn try_read(
    places: &Places,
    project: &ProjectId,
    name: &SecretName,
) -> Result<Secret, Failed> {
    // A second one is refused, and is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| failed(error.to_string(), false))?;
    let metadata = format!(
        "http://{}/computeMetadata/v1/instance/service-accounts/default/token",
        places.metadata
    );
    let request = client.get(metadata).header("Metadata-Flavor", "Google");
    let token: Token = json("the metadata server", request).await?;
    let url = format!(
        "{}/v1/projects/{project}/secrets/{name}/versions/latest:access",
        places.secret_manager
    );
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.access_token.expose()))
        .map_err(|_| failed("the metadata server's token is none", false))?;
    // Kept out of any log of headers.
    bearer.set_sensitive(true);
    let request = client.get(url).header(AUTHORIZATION, bearer);
    let version: Version = json("Secret Manager", request).await?;
    decode(&version.payload).map_err(|reason| failed(reason, false))
}

fn failed(reason: impl Into<String>, temporary: bool) -> Failed {
    Failed {
        reason: reason.into(),
        temporary,
    }
}

async fn json<T: DeserializeOwned>(
    who: &str,
    request: reqwest::RequestBuilder,
) -> Result<T, Failed> {
    let broken = |error: reqwest::Error| failed(format!("{who} gives no answer ({error})"), true);
    let answer = request.send().await.map_err(broken)?;
    let status = answer.status();
    if !status.is_success() {
        let temporary = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
        return Err(failed(format!("{who} answers {status}"), temporary));
    }
    let text = answer.bytes().await.map_err(broken)?;
    // What is wrong with it isn't said: the message might repeat what is in it.
    serde_json::from_slice(&text)
        .map_err(|_| failed(format!("{who} answers something else"), false))
}

fn decode(payload: &Payload) -> Result<Secret, &'static str> {
    let bytes = BASE64_STANDARD
        .decode(payload.data.expose())
        .map_err(|_| "its value is not base64")?;
    let checksum = crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, &bytes);
    let expected = payload
        .data_crc32c
        .as_deref()
        .and_then(|text| text.parse().ok());
    if expected.is_some_and(|expected: u64| expected != checksum) {
        return Err("its value has another checksum");
    }
    let text = String::from_utf8(bytes).map_err(|_| "its value is not text")?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("its value is no token");
    }
    Ok(Secret::new(token.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(data: &[u8], checksum: Option<u64>) -> Payload {
        Payload {
            data: Secret::new(BASE64_STANDARD.encode(data)),
            data_crc32c: checksum.map(|checksum| checksum.to_string()),
        }
    }

    #[test]
    fn a_token_is_whole_or_refused() {
        let good = decode(&payload(
            b"123456789\n",
            Some(crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, b"123456789\n")),
        ));
        assert_eq!(good.unwrap().expose(), "123456789");
        assert!(decode(&payload(b"123456789", Some(1))).is_err());
        for data in [&b"\xff"[..], b"", b" \n", b"two words"] {
            assert!(decode(&payload(data, None)).is_err(), "{data:?}");
        }
    }
}
