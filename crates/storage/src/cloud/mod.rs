//! Buckets and containers by their address.
//!
//! Endpoints and credentials come from the environment, by the names that object_store knows.

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "azure")]
mod azure;
mod connector;
#[cfg(feature = "gcp")]
mod gcp;

use std::sync::Arc;
use std::time::Duration;

use epycloud_config::Environment;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use crate::{Patience, Result, Storage, StorageError, StoragePath};

/// A connection that isn't there after so long is tried again.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer of which nothing has come for so long is tried again. There is no limit for the whole:
/// large objects take their time.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The parts of a bucket's address.
pub(crate) struct Address<'a> {
    /// The whole, to show.
    pub(crate) url: &'a str,
    /// What stands before `://`, in lower case.
    pub(crate) scheme: &'a str,
    /// The bucket, or the container.
    pub(crate) bucket: &'a str,
    /// The folder in it that is the storage's root, if it isn't the bucket itself.
    pub(crate) folder: Option<StoragePath>,
}

impl<'a> Address<'a> {
    fn read(url: &'a str, scheme: &'a str, rest: &'a str) -> Result<Self> {
        let rest = rest.trim_end_matches('/');
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let address = Self {
            url,
            scheme,
            bucket,
            folder: (!folder.is_empty()).then(|| folder.parse()).transpose()?,
        };
        let fits = !bucket.is_empty()
            && bucket
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if fits {
            Ok(address)
        } else {
            Err(address.unusable(
                "after `://` comes the bucket's name, of letters, digits, `-`, `_` and `.`",
                Some("credentials and endpoints come from the environment, never from the address"),
            ))
        }
    }

    fn unusable(&self, reason: impl Into<String>, hint: Option<&'static str>) -> StorageError {
        StorageError::Unsupported {
            url: self.url.to_owned(),
            reason: reason.into(),
            hint,
        }
    }

    /// What object_store says against the environment's credentials or endpoints.
    fn refused(&self, error: &object_store::Error) -> StorageError {
        let chain = epycloud_errors::chain(error);
        // Each of its errors repeats the one below.
        let reason = chain.into_iter().next().unwrap_or_default();
        self.unusable(
            reason,
            Some("check the variables of its credentials and endpoint"),
        )
    }
}

/// Opens `{scheme}://{rest}`.
pub(crate) fn open(
    url: &str,
    scheme: &str,
    rest: &str,
    environment: &Environment,
) -> Result<Storage> {
    let address = Address::read(url, scheme, rest)?;
    let store: Arc<dyn ObjectStore> = match scheme {
        #[cfg(feature = "gcp")]
        "gs" => gcp::open(&address, environment)?,
        #[cfg(feature = "aws")]
        "s3" => aws::open(&address, environment)?,
        #[cfg(feature = "azure")]
        "az" => azure::open(&address, environment)?,
        _ => {
            return Err(address.unusable(
                format!("`{scheme}` is not part of this build"),
                Some("build with the features `gcp`, `aws` or `azure`"),
            ));
        }
    };
    let base = format!("{}://{rest}", address.scheme);
    let store: Arc<dyn ObjectStore> = match address.folder {
        Some(folder) => Arc::new(PrefixStore::new(store, folder.to_object_path())),
        None => store,
    };
    Ok(Storage::new(store, base).over_network(Patience::default()))
}

fn client_options() -> ClientOptions {
    ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_read_timeout(READ_TIMEOUT)
}

/// The inner tries, of single requests; [`Patience`] covers whole operations.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(15),
            base: 2.0,
        },
        max_retries: 12,
        retry_timeout: Duration::from_secs(90),
    }
}

/// The environment's variables that begin with a provider's prefix, in lower case, as object_store
/// names its settings.
fn settings<'a>(
    environment: &'a Environment,
    prefix: &'a str,
) -> impl Iterator<Item = (String, &'a str)> {
    environment
        .pairs()
        .filter(move |(name, value)| name.starts_with(prefix) && !value.is_empty())
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
}
