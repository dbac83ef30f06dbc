//! Lists in pages.

use std::fmt::Write as _;

use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, Result};

use super::xml;
use crate::http::{Answer, Asked};

/// The most that one page has.
const PAGE: usize = 1_000;

pub(super) async fn list(store: &InMemory, bucket: &str, asked: &Asked) -> Result<Answer> {
    let prefix = asked.parameter("prefix").unwrap_or_default();
    let folder = prefix
        .rsplit_once('/')
        .map(|(folder, _)| Path::parse(folder));
    let folder = folder.transpose()?;
    let mut text = format!("<ListBucketResult><Name>{bucket}</Name>");
    match asked.parameter("delimiter") {
        Some("/") => {
            let found = store.list_with_delimiter(folder.as_ref()).await?;
            contents(&mut text, &found.objects, prefix);
            for path in &found.common_prefixes {
                let name = format!("{path}/");
                if name.starts_with(prefix) {
                    let name = xml::escaped(&name);
                    let _ = write!(
                        text,
                        "<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"
                    );
                }
            }
        }
        Some(_) => return Ok(xml::error(501, "NotImplemented")),
        None => page(store, folder.as_ref(), prefix, asked, &mut text).await?,
    }
    text.push_str("</ListBucketResult>");
    Ok(xml::answer(&text))
}

/// One page of a whole list. The token of the next one is the last name of this.
async fn page(
    store: &InMemory,
    folder: Option<&Path>,
    prefix: &str,
    asked: &Asked,
    text: &mut String,
) -> Result<()> {
    let most = asked
        .parameter("max-keys")
        .and_then(|text| text.parse().ok());
    let most = most.unwrap_or(PAGE).min(PAGE);
    let after = asked
        .parameter("continuation-token")
        .or_else(|| asked.parameter("start-after"));
    let listed = match after {
        Some(after) => store.list_with_offset(folder, &Path::parse(after)?),
        None => store.list(folder),
    };
    let mut found: Vec<ObjectMeta> = listed
        .try_filter(|object| std::future::ready(object.location.as_ref().starts_with(prefix)))
        .try_collect()
        .await?;
    found.sort_unstable_by(|one, other| one.location.cmp(&other.location));
    let more = found.len() > most;
    found.truncate(most);
    contents(text, &found, prefix);
    let _ = write!(text, "<IsTruncated>{more}</IsTruncated>");
    if let Some(last) = found.last().filter(|_| more) {
        let token = xml::escaped(last.location.as_ref());
        let _ = write!(
            text,
            "<NextContinuationToken>{token}</NextContinuationToken>"
        );
    }
    Ok(())
}

fn contents(text: &mut String, objects: &[ObjectMeta], prefix: &str) {
    for object in objects {
        if !object.location.as_ref().starts_with(prefix) {
            continue;
        }
        let _ = write!(
            text,
            "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag>\
             <Size>{}</Size></Contents>",
            xml::escaped(object.location.as_ref()),
            object.last_modified.to_rfc3339(),
            xml::escaped(object.e_tag.as_deref().unwrap_or_default()),
            object.size
        );
    }
}
