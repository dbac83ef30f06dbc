//! Single objects.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Timelike, Utc};
use crc_fast::CrcAlgorithm;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, CopyMode, CopyOptions, GetOptions, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMode, PutOptions, Result, UpdateVersion,
};

use super::xml;
use crate::http::{Answer, Asked};

/// The media type of objects that were given none.
const ANY: &str = "application/octet-stream";

/// The name under which the store below keeps an object's checksum.
fn checksum_attribute() -> Attribute {
    Attribute::Metadata("crc32c".into())
}

/// `x-goog-hash`'s word for bytes.
pub(super) fn hash(data: &[u8]) -> String {
    let checksum = crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, data);
    let checksum = u32::try_from(checksum).unwrap_or_default();
    format!("crc32c={}", BASE64_STANDARD.encode(checksum.to_be_bytes()))
}

/// An object with what is known of it.
#[derive(Clone)]
pub(super) struct ServedObject {
    pub(super) meta: ObjectMeta,
    pub(super) bytes: Bytes,
    attributes: Attributes,
}

impl ServedObject {
    pub(super) async fn load(store: &InMemory, path: &Path) -> Result<Option<Self>> {
        match store.get(path).await {
            Ok(found) => {
                let (meta, attributes) = (found.meta.clone(), found.attributes.clone());
                let bytes = found.bytes().await?;
                Ok(Some(Self {
                    meta,
                    bytes,
                    attributes,
                }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts other bytes in its place, with all that was known of it.
    pub(super) async fn replace(self, store: &InMemory, path: &Path, bytes: Bytes) -> Result<()> {
        let options = PutOptions {
            attributes: self.attributes,
            ..PutOptions::default()
        };
        store.put_opts(path, bytes.into(), options).await.map(drop)
    }

    fn describe(&self, answer: Answer) -> Answer {
        let attribute = |name: &Attribute| self.attributes.get(name).map(|value| value.to_string());
        let media_type = attribute(&Attribute::ContentType).unwrap_or_else(|| ANY.to_owned());
        let described = tagged(answer, self.meta.e_tag.as_deref())
            .with("last-modified", http_date(&self.meta))
            .with("accept-ranges", "bytes")
            .with("content-type", media_type);
        match attribute(&checksum_attribute()) {
            Some(hash) => described.with("x-goog-hash", hash),
            None => described,
        }
    }
}

fn http_date(meta: &ObjectMeta) -> String {
    let date = meta.last_modified.format("%a, %d %b %Y %H:%M:%S GMT");
    date.to_string()
}

/// Tag and generation: the store below counts its versions, and so has one number for both, in
/// quotes in the tag.
fn tagged(answer: Answer, tag: Option<&str>) -> Answer {
    let tag = tag.unwrap_or_default();
    answer
        .with("etag", tag)
        .with("x-goog-generation", generation(tag))
}

pub(super) fn generation(tag: &str) -> &str {
    tag.trim_matches('"')
}

/// What an object is stored with: its media type and its [`hash`].
pub(super) fn attributes(media_type: Option<&str>, hash: &str) -> Attributes {
    Attributes::from_iter([
        (Attribute::ContentType, media_type.unwrap_or(ANY).to_owned()),
        (checksum_attribute(), hash.to_owned()),
    ])
}

/// The generation before the current one of each object that was written again.
#[derive(Default)]
pub(super) struct Older(Mutex<BTreeMap<Path, ServedObject>>);

impl Older {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Path, ServedObject>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(&self, path: &Path, asked: &str) -> Option<ServedObject> {
        let is_it = |object: &&ServedObject| {
            let tag = object.meta.e_tag.as_deref();
            tag.is_some_and(|tag| generation(tag) == asked)
        };
        self.with(|older| older.get(path).filter(is_it).cloned())
    }
}

pub(super) async fn put(
    store: &InMemory,
    older: &Older,
    path: &Path,
    asked: &Asked,
) -> Result<Answer> {
    let announced = asked.header("x-goog-hash");
    let hash = hash(&asked.body);
    if announced.is_some_and(|announced| announced != hash) {
        return Ok(xml::error(400, "BadDigest"));
    }
    let mode = match asked.header("x-goog-if-generation-match") {
        None => PutMode::Overwrite,
        Some("0") => PutMode::Create,
        Some(version) => PutMode::Update(UpdateVersion {
            e_tag: Some(format!("\"{version}\"")),
            version: None,
        }),
    };
    let options = PutOptions {
        mode,
        attributes: attributes(asked.header("content-type"), &hash),
        ..PutOptions::default()
    };
    if let Some(object) = ServedObject::load(store, path).await? {
        older.with(|older| older.insert(path.clone(), object));
    }
    let put = store
        .put_opts(path, asked.body.clone().into(), options)
        .await?;
    Ok(tagged(Answer::status(200), put.e_tag.as_deref()).with("x-goog-hash", hash))
}

pub(super) async fn get(
    store: &InMemory,
    older: &Older,
    path: &Path,
    asked: &Asked,
) -> Result<Answer> {
    let old = asked
        .parameter("generation")
        .and_then(|generation| older.find(path, generation));
    let found = match old {
        Some(object) => Some(object),
        None => ServedObject::load(store, path).await?,
    };
    let Some(object) = found else {
        return Ok(xml::error(404, "NoSuchKey"));
    };
    let tag = |name: &str| asked.header(name).map(str::to_owned);
    let since = |name: &str| {
        let date = DateTime::parse_from_rfc2822(asked.header(name)?).ok()?;
        Some(date.with_timezone(&Utc))
    };
    // Dates in headers are whole seconds.
    let mut meta = object.meta.clone();
    meta.last_modified = meta.last_modified.with_nanosecond(0).unwrap_or_default();
    GetOptions {
        if_match: tag("if-match"),
        if_none_match: tag("if-none-match"),
        if_modified_since: since("if-modified-since"),
        if_unmodified_since: since("if-unmodified-since"),
        ..GetOptions::default()
    }
    .check_preconditions(&meta)?;
    let size = object.bytes.len();
    if asked.method == "HEAD" {
        let answer = object.describe(Answer::status(200));
        return Ok(Answer {
            length: Some(size as u64),
            ..answer
        });
    }
    let Some(range) = asked.header("range") else {
        let answer = object.describe(Answer::status(200));
        return Ok(Answer {
            body: object.bytes,
            ..answer
        });
    };
    let Some((start, end)) = bounds(range, size) else {
        return Ok(xml::error(416, "InvalidRange"));
    };
    let answer = object
        .describe(Answer::status(206))
        .with("content-range", format!("bytes {start}-{}/{size}", end - 1));
    Ok(Answer {
        body: object.bytes.slice(start..end),
        ..answer
    })
}

/// The first byte and the one after the last of `bytes=3-7`, `bytes=3-` or `bytes=-5`.
fn bounds(range: &str, size: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = if first.is_empty() {
        (size.saturating_sub(last.parse().ok()?), size)
    } else {
        let end = if last.is_empty() {
            size
        } else {
            last.parse::<usize>().ok()?.checked_add(1)?.min(size)
        };
        (first.parse().ok()?, end)
    };
    (start < end).then_some((start, end))
}

pub(super) async fn delete(store: &InMemory, path: &Path) -> Result<Answer> {
    // The store below deletes what isn't there without a word.
    store.head(path).await?;
    store.delete(path).await?;
    Ok(Answer::status(204))
}

pub(super) async fn copy(
    store: &InMemory,
    bucket: &str,
    to: &Path,
    asked: &Asked,
) -> Result<Answer> {
    let source = asked.header("x-goog-copy-source").unwrap_or_default();
    let source = crate::http::decoded(source, false);
    let Some(from) = source
        .strip_prefix(bucket)
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return Ok(xml::error(404, "NoSuchBucket"));
    };
    let mode = match asked.header("x-goog-if-generation-match") {
        Some(_) => CopyMode::Create,
        None => CopyMode::Overwrite,
    };
    let options = CopyOptions {
        mode,
        ..CopyOptions::default()
    };
    store.copy_opts(&Path::parse(from)?, to, options).await?;
    let copied = store.head(to).await?;
    let text = format!(
        "<CopyObjectResult><ETag>{}</ETag></CopyObjectResult>",
        xml::escaped(&copied.e_tag.unwrap_or_default())
    );
    Ok(xml::answer(&text))
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn ranges_are_read_as_http_has_them() {
        let table = [
            ("bytes=0-0", Some((0, 1))),
            ("bytes=3-7", Some((3, 8))),
            ("bytes=3-99", Some((3, 10))),
            ("bytes=3-", Some((3, 10))),
            ("bytes=-4", Some((6, 10))),
            ("bytes=10-", None),
            ("bytes=5-3", None),
            ("items=0-1", None),
        ];
        for (range, expected) in table {
            assert_eq!(bounds(range, 10), expected, "{range}");
        }
    }
}
