//! Azure Blob Storage. The account is the environment's (`AZURE_STORAGE_ACCOUNT_NAME`), the bucket
//! in the address is the container.

use std::sync::Arc;

use epycloud_config::Environment;
use object_store::ObjectStore;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

use super::connector::Connector;
use super::{Address, client_options, retries, settings};
use crate::Result;

/// Where a managed identity's tokens come from, as Azure's services set it.
const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";

pub(super) fn open(
    address: &Address<'_>,
    environment: &Environment,
) -> Result<Arc<dyn ObjectStore>> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_http_connector(Connector { google_hash: false })
        .with_client_options(client_options());
    for (name, value) in settings(environment, "AZURE_") {
        if let Ok(key) = name.parse::<AzureConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(endpoint) = environment.get(IDENTITY_ENDPOINT) {
        builder = builder.with_msi_endpoint(endpoint);
    }
    let built = builder
        .with_container_name(address.bucket)
        .with_retry(retries())
        .build()
        .map_err(|error| address.refused(&error))?;
    Ok(Arc::new(built))
}
