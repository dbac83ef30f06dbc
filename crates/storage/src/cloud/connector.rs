//! The HTTP client below, which brings checksums in and out.

use std::sync::OnceLock;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};

use crate::checksum::Crc32c;

/// Google's header for an object's checksums: `crc32c=…` and `md5=…`, in base64, in one line or
/// several.
///
/// Source: <https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash>
static GOOGLE_HASH: HeaderName = HeaderName::from_static("x-goog-hash");

/// Makes clients that are only built when a request is sent: reading the system's certificates
/// takes milliseconds, and object_store asks for clients that it may never use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connector {
    /// Whether the store knows [`GOOGLE_HASH`].
    pub(super) google_hash: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        // A second one is refused, and is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(HttpClient::new(Service {
            options: options.clone(),
            client: OnceLock::new(),
            google_hash: self.google_hash,
        }))
    }
}

#[derive(Debug)]
struct Service {
    options: ClientOptions,
    client: OnceLock<HttpClient>,
    google_hash: bool,
}

impl Service {
    fn client(&self) -> Result<&HttpClient, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = ReqwestConnector::default()
            .connect(&self.options)
            .map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let client = self.client()?;
        if !self.google_hash {
            return client.execute(request).await;
        }
        if let Some(checksum) = request.extensions_mut().remove::<Crc32c>() {
            let value = format!(
                "crc32c={}",
                BASE64_STANDARD.encode(checksum.0.to_be_bytes())
            );
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers_mut().insert(&GOOGLE_HASH, value);
            }
        }
        let mut response = client.execute(request).await?;
        if let Some(checksum) = from_headers(response.headers()) {
            response.extensions_mut().insert(checksum);
        }
        Ok(response)
    }
}

/// The CRC32C in an answer's headers.
fn from_headers(headers: &HeaderMap) -> Option<Crc32c> {
    headers
        .get_all(&GOOGLE_HASH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|hash| {
            let text = hash.trim().strip_prefix("crc32c=")?;
            let bytes = BASE64_STANDARD.decode(text).ok()?;
            Some(Crc32c(u32::from_be_bytes(bytes.try_into().ok()?)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_found_among_others_in_one_header_or_several() {
        let expected = Some(Crc32c::of(b"123456789"));
        let lines: [&[&str]; 3] = [
            &["crc32c=4waSgw=="],
            &["md5=JfnnlDI7RTiF9RgfG2JNCw==, crc32c=4waSgw=="],
            &["md5=JfnnlDI7RTiF9RgfG2JNCw==", "crc32c=4waSgw=="],
        ];
        for values in lines {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(&GOOGLE_HASH, HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(from_headers(&headers), expected, "{values:?}");
        }
        for value in [
            "",
            "md5=JfnnlDI7RTiF9RgfG2JNCw==",
            "crc32c=!",
            "crc32c=AAAA",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(&GOOGLE_HASH, HeaderValue::from_str(value).unwrap());
            assert_eq!(from_headers(&headers), None, "{value}");
        }
    }
}
