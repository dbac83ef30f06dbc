//! Google Cloud Storage.
//!
//! Credentials, first to last: a service account's key (`GOOGLE_SERVICE_ACCOUNT`, its file, or
//! `GOOGLE_SERVICE_ACCOUNT_KEY`), the application default credentials
//! (`GOOGLE_APPLICATION_CREDENTIALS`, else gcloud's file), the metadata server.

use std::net::IpAddr;
use std::sync::Arc;

use epycloud_config::{BucketName, Environment};
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ObjectStore, StaticCredentialProvider};

use super::connector::Connector;
use super::{Address, client_options, retries, settings};
use crate::Result;

pub(super) fn open(
    address: &Address<'_>,
    environment: &Environment,
) -> Result<Arc<dyn ObjectStore>> {
    address
        .bucket
        .parse::<BucketName>()
        .map_err(|error| address.unusable(error.to_string(), None))?;
    let mut builder =
        GoogleCloudStorageBuilder::new().with_http_connector(Connector { google_hash: true });
    let mut options = client_options();
    let mut unsigned = false;
    for (name, value) in settings(environment, "GOOGLE_") {
        let Ok(key) = name.parse::<GoogleConfigKey>() else {
            continue;
        };
        match key {
            // Its own way leaves the signature out of reads only.
            GoogleConfigKey::SkipSignature => unsigned = matches!(value, "true" | "1"),
            GoogleConfigKey::BaseUrl => {
                options = options.with_allow_http(may_be_plain(address, value)?);
                builder = builder.with_base_url(value.trim_end_matches('/'));
            }
            key => builder = builder.with_config(key, value),
        }
    }
    if unsigned {
        let nobody = GcpCredential {
            bearer: String::new(),
        };
        builder = builder.with_credentials(Arc::new(StaticCredentialProvider::new(nobody)));
    }
    let built = builder
        .with_bucket_name(address.bucket)
        .with_client_options(options)
        .with_retry(retries())
        .build()
        .map_err(|error| address.refused(&error))?;
    Ok(Arc::new(built))
}

/// Whether requests go out without TLS: to this machine alone, since they carry a token.
fn may_be_plain(address: &Address<'_>, endpoint: &str) -> Result<bool> {
    let Some(host) = endpoint.strip_prefix("http://") else {
        return Ok(false);
    };
    let host = host.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let here = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if here {
        Ok(true)
    } else {
        Err(address.unusable(
            format!("GOOGLE_BASE_URL (`{endpoint}`) is another machine's address without TLS"),
            Some("use https://, or an address of this machine"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::Storage;
    use epycloud_config::Environment;

    #[test]
    fn tokens_go_to_other_machines_over_tls_only() {
        let open = |url: &str| {
            let environment = Environment::from_pairs([
                ("GOOGLE_BASE_URL", url),
                ("GOOGLE_SKIP_SIGNATURE", "true"),
            ]);
            Storage::open_with("gs://bucket", &environment).map(drop)
        };
        for url in [
            "http://127.0.0.1:8080",
            "http://localhost:1/",
            "http://[::1]:80",
            "https://storage.example.org",
        ] {
            assert!(open(url).is_ok(), "{url}");
        }
        for url in [
            "http://storage.example.org",
            "http://10.0.0.1:80",
            "http://127.0.0.1.example.org",
        ] {
            assert!(open(url).is_err(), "{url}");
        }
    }
}
