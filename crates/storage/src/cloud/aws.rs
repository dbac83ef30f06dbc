//! Amazon S3 and what speaks its protocol.

use std::sync::Arc;

use epycloud_config::Environment;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};

use super::connector::Connector;
use super::{Address, client_options, retries, settings};
use crate::Result;

pub(super) fn open(
    address: &Address<'_>,
    environment: &Environment,
) -> Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::new()
        .with_http_connector(Connector { google_hash: false })
        .with_client_options(client_options())
        // Verified by the store before the object appears. What it would say of an object that is
        // read has to be asked for by a signed header, which object_store doesn't send.
        .with_checksum_algorithm(Checksum::SHA256);
    for (name, value) in settings(environment, "AWS_") {
        if let Ok(key) = name.parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    let built = builder
        .with_bucket_name(address.bucket)
        .with_retry(retries())
        .build()
        .map_err(|error| address.refused(&error))?;
    Ok(Arc::new(built))
}
