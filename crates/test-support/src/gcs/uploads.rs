//! Objects that come in parts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, PutOptions, Result};

use super::{object, xml};
use crate::http::{Answer, Asked};

/// The unfinished ones.
#[derive(Default)]
pub(super) struct Uploads(Mutex<State>);

#[derive(Default)]
struct State {
    started: u64,
    unfinished: BTreeMap<String, Upload>,
}

struct Upload {
    path: Path,
    media_type: Option<String>,
    /// By their numbers, from 1.
    parts: BTreeMap<u32, Bytes>,
}

impl Uploads {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn start(&self, bucket: &str, path: &Path, asked: &Asked) -> Answer {
        let upload = Upload {
            path: path.clone(),
            media_type: asked.header("content-type").map(str::to_owned),
            parts: BTreeMap::new(),
        };
        let id = self.with(|state| {
            state.started += 1;
            let id = format!("upload-{}", state.started);
            state.unfinished.insert(id.clone(), upload);
            id
        });
        xml::answer(&format!(
            "<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{}</Key>\
             <UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
            xml::escaped(path.as_ref())
        ))
    }

    pub(super) fn part(&self, upload: &str, asked: &Asked) -> Answer {
        let number = asked
            .parameter("partNumber")
            .and_then(|text| text.parse().ok());
        let Some(number) = number.filter(|number| (1..=10_000).contains(number)) else {
            return xml::error(400, "InvalidArgument");
        };
        let hash = object::hash(&asked.body);
        let body = asked.body.clone();
        let known = self.with(|state| {
            let upload = state.unfinished.get_mut(upload)?;
            upload.parts.insert(number, body);
            Some(())
        });
        match known {
            Some(()) => Answer::status(200)
                .with("etag", format!("\"{number}-{hash}\""))
                .with("x-goog-hash", hash),
            None => xml::error(404, "NoSuchUpload"),
        }
    }

    pub(super) async fn complete(
        &self,
        store: &InMemory,
        upload: &str,
        asked: &Asked,
    ) -> Result<Answer> {
        let named = part_numbers(&String::from_utf8_lossy(&asked.body));
        let taken = self.with(|state| {
            let unfinished = state.unfinished.get(upload)?;
            let all = named
                .iter()
                .all(|number| unfinished.parts.contains_key(number));
            Some(all.then(|| state.unfinished.remove(upload)).flatten())
        });
        let upload = match taken {
            None => return Ok(xml::error(404, "NoSuchUpload")),
            Some(None) => return Ok(xml::error(400, "InvalidPart")),
            Some(Some(upload)) => upload,
        };
        let whole = joined(named.iter().filter_map(|number| upload.parts.get(number)));
        let hash = object::hash(&whole);
        let options = PutOptions {
            attributes: object::attributes(upload.media_type.as_deref(), &hash),
            ..PutOptions::default()
        };
        let put = store.put_opts(&upload.path, whole.into(), options).await?;
        let tag = put.e_tag.unwrap_or_default();
        let text = format!(
            "<CompleteMultipartUploadResult><ETag>{}</ETag></CompleteMultipartUploadResult>",
            xml::escaped(&tag)
        );
        Ok(xml::answer(&text)
            .with("x-goog-generation", object::generation(&tag))
            .with("x-goog-hash", hash))
    }

    pub(super) fn abort(&self, upload: &str) -> Answer {
        match self.with(|state| state.unfinished.remove(upload)) {
            Some(_) => Answer::status(204),
            None => xml::error(404, "NoSuchUpload"),
        }
    }
}

/// The numbers in `<PartNumber>1</PartNumber>…`, in order.
fn part_numbers(text: &str) -> Vec<u32> {
    text.split("<PartNumber>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next()?.trim().parse().ok())
        .collect()
}

fn joined<'a>(parts: impl Iterator<Item = &'a Bytes> + Clone) -> Bytes {
    let mut whole = BytesMut::with_capacity(parts.clone().map(Bytes::len).sum());
    parts.for_each(|part| whole.extend_from_slice(part));
    whole.freeze()
}
