//! Secret Manager: the value of a secret.
//!
//! Source: <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access>

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use epycloud_config::{ProjectId, SecretName};
use epycloud_errors::Secret;
use serde::Deserialize;

use crate::Result;
use crate::client::Client;
use crate::endpoints::Service;
use crate::error::GoogleError;
use crate::request::{ApiRequest, Method};

/// The latest version of a secret.
#[must_use]
pub fn access(project: &ProjectId, name: &SecretName) -> ApiRequest {
    ApiRequest::new(
        Service::SecretManager,
        Method::Get,
        format!("v1/projects/{project}/secrets/{name}/versions/latest:access"),
        format!("read secret `{name}`"),
    )
}

#[derive(Deserialize)]
struct Accessed {
    payload: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    /// Base64.
    data: Secret,
    /// An `int64`, as a text.
    data_crc32c: Option<String>,
}

/// A secret's value, without the line break that often ends it.
///
/// # Errors
///
/// See [`GoogleError`]; [`GoogleError::Secret`] for a value that isn't text or didn't arrive whole.
pub async fn fetch(client: &Client, project: &ProjectId, name: &SecretName) -> Result<Secret> {
    let Accessed { payload } = client.send(&access(project, name)).await?;
    decode(&payload).map_err(|reason| GoogleError::Secret {
        name: name.to_string(),
        reason,
    })
}

fn decode(payload: &Payload) -> Result<Secret, &'static str> {
    let bytes = BASE64_STANDARD
        .decode(payload.data.expose())
        .map_err(|_| "it is not base64")?;
    let expected = payload
        .data_crc32c
        .as_deref()
        .and_then(|text| text.parse::<u32>().ok());
    if expected.is_some_and(|sum| sum != crc32c(&bytes)) {
        return Err("its checksum is another");
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not text")?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err("it is empty");
    }
    Ok(Secret::new(text.to_owned()))
}

/// Castagnoli's checksum, bit by bit: a token is short.
fn crc32c(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = sum & 1;
            sum = (sum >> 1) ^ (POLYNOMIAL * carry);
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(bytes: &[u8], sum: Option<&str>) -> Payload {
        Payload {
            data: Secret::new(BASE64_STANDARD.encode(bytes)),
            data_crc32c: sum.map(str::to_owned),
        }
    }

    #[test]
    fn a_value_arrives_whole_or_not_at_all() {
        // The check value of CRC-32C's catalogue entry.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        let sum = 0xe306_9283_u32.to_string();
        let good = decode(&payload(b"123456789", Some(&sum))).unwrap();
        assert_eq!(good.expose(), "123456789");
        assert_eq!(
            decode(&payload(b"ghp_x\n", None)).unwrap().expose(),
            "ghp_x"
        );
        for (bytes, sum) in [
            (&b"123456780"[..], Some(sum.as_str())),
            (b"\xff", None),
            (b"\n", None),
        ] {
            assert!(decode(&payload(bytes, sum)).is_err());
        }
    }
}
