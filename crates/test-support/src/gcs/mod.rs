//! Google Cloud Storage's XML dialect, served over object_store's in-memory store.
//!
//! It knows what object_store asks for: objects with conditions, ranges and checksums, objects in
//! parts, copies, lists in pages. What it doesn't know is answered with 501.
//!
//! Source: <https://cloud.google.com/storage/docs/xml-api/reference-methods>

mod listing;
mod object;
mod uploads;
mod xml;

use std::io;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use object_store::path::Path;

use crate::http::{Answer, Asked, Mischief, Recorded, Server};
use object::{Older, ServedObject};
use uploads::Uploads;

/// A bucket of an object store over HTTP.
pub struct GcsServer {
    server: Server,
    bucket: Arc<Bucket>,
}

/// What requests work on.
struct Bucket {
    name: String,
    /// What requests have to bear, if anything.
    token: Option<String>,
    store: InMemory,
    older: Older,
    uploads: Uploads,
}

impl GcsServer {
    /// A server with one empty bucket. With a token, requests that don't bear it are refused.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(bucket: &str, token: Option<&str>) -> io::Result<Self> {
        let bucket = Arc::new(Bucket {
            name: bucket.to_owned(),
            token: token.map(str::to_owned),
            store: InMemory::new(),
            older: Older::default(),
            uploads: Uploads::default(),
        });
        let served = Arc::clone(&bucket);
        let server = Server::start(Arc::new(move |asked| {
            let bucket = Arc::clone(&served);
            Box::pin(async move { bucket.answer(&asked).await })
        }))?;
        Ok(Self { server, bucket })
    }

    /// For `GOOGLE_BASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What goes wrong, to be changed and counted.
    #[must_use]
    pub fn mischief(&self) -> &Mischief {
        self.server.mischief()
    }

    /// Every request so far.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.server.recorded()
    }

    /// Records nothing from now on, for measurements.
    pub fn stop_recording(&self) {
        self.server.stop_recording();
    }

    /// The objects, to be looked at and changed behind the server's back.
    #[must_use]
    pub fn store(&self) -> &dyn ObjectStore {
        &self.bucket.store
    }

    /// Flips a bit in the middle of an object, whose checksum stays what it was; whether there is
    /// one of that name.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn corrupt(&self, path: &str) -> object_store::Result<bool> {
        let path = Path::parse(path)?;
        let Some(object) = ServedObject::load(&self.bucket.store, &path).await? else {
            return Ok(false);
        };
        let mut bytes = object.bytes.to_vec();
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 1;
        }
        object
            .replace(&self.bucket.store, &path, bytes.into())
            .await?;
        Ok(true)
    }
}

impl Bucket {
    async fn answer(&self, asked: &Asked) -> Answer {
        if !self.may(asked) {
            return xml::error(401, "AuthenticationRequired");
        }
        let path = asked.path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        if bucket != self.name {
            return xml::error(404, "NoSuchBucket");
        }
        let answered = if key.is_empty() {
            self.answer_for_bucket(asked).await
        } else {
            match Path::parse(key) {
                Ok(path) => self.answer_for_object(asked, &path).await,
                Err(_) => Ok(xml::error(400, "InvalidURI")),
            }
        };
        answered.unwrap_or_else(|error| xml::failure(&error))
    }

    fn may(&self, asked: &Asked) -> bool {
        self.token.as_ref().is_none_or(|token| {
            asked.header("authorization") == Some(format!("Bearer {token}").as_str())
        })
    }

    async fn answer_for_bucket(&self, asked: &Asked) -> object_store::Result<Answer> {
        match asked.method.as_str() {
            "GET" if asked.parameter("list-type") == Some("2") => {
                listing::list(&self.store, &self.name, asked).await
            }
            _ => Ok(xml::error(501, "NotImplemented")),
        }
    }

    async fn answer_for_object(&self, asked: &Asked, path: &Path) -> object_store::Result<Answer> {
        let upload = asked.parameter("uploadId");
        match (asked.method.as_str(), upload) {
            ("POST", None) if asked.parameter("uploads").is_some() => {
                Ok(self.uploads.start(&self.name, path, asked))
            }
            ("PUT", Some(upload)) => Ok(self.uploads.part(upload, asked)),
            ("POST", Some(upload)) => self.uploads.complete(&self.store, upload, asked).await,
            ("DELETE", Some(upload)) => Ok(self.uploads.abort(upload)),
            ("PUT", None) if asked.header("x-goog-copy-source").is_some() => {
                object::copy(&self.store, &self.name, path, asked).await
            }
            ("PUT", None) => object::put(&self.store, &self.older, path, asked).await,
            ("GET" | "HEAD", None) => object::get(&self.store, &self.older, path, asked).await,
            ("DELETE", None) => object::delete(&self.store, path).await,
            _ => Ok(xml::error(501, "NotImplemented")),
        }
    }
}
