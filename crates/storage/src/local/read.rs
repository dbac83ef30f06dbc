//! Reading files as objects.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path as ObjectPath;
use object_store::{Attributes, GetOptions, GetResult, GetResultPayload, ObjectMeta};
use rustix::fs::OFlags;

use super::names::store_error;
use crate::blocking;

/// Read at once; larger files come in several of these.
const CHUNK_BYTES: u64 = 8 << 20;

/// Opens a file as an object; its content is then read from what was opened, even if the file is
/// replaced meanwhile.
pub(super) fn open(
    location: &ObjectPath,
    file: &Path,
    options: &GetOptions,
) -> object_store::Result<GetResult> {
    let failed = |error| store_error(location, error);
    // A pipe of that name must not hold the reader up until somebody writes to it.
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(file)
        .map_err(absent_below_a_file)
        .map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(io::Error::new(
            io::ErrorKind::NotFound,
            "it is not a file",
        )));
    }
    let meta = object_meta(location.clone(), &metadata);
    options.check_preconditions(&meta)?;
    let range = match &options.range {
        Some(range) => range
            .as_range(meta.size)
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?,
        None => 0..meta.size,
    };
    let payload = if options.head {
        stream::empty().boxed()
    } else {
        chunks(location.clone(), Arc::new(opened), range.clone())
    };
    Ok(GetResult {
        payload: GetResultPayload::Stream(payload),
        meta,
        range,
        attributes: Attributes::default(),
        extensions: Default::default(),
    })
}

fn chunks(
    location: ObjectPath,
    file: Arc<File>,
    range: Range<u64>,
) -> BoxStream<'static, object_store::Result<Bytes>> {
    stream::try_unfold((file, range), move |(file, range)| {
        let location = location.clone();
        async move {
            if range.is_empty() {
                return Ok(None);
            }
            let end = range.end.min(range.start + CHUNK_BYTES);
            let reader = file.clone();
            let start = range.start;
            let chunk = blocking::run(move || read_at(&reader, start..end))
                .await?
                .map_err(|error| store_error(&location, error))?;
            Ok(Some((chunk, (file, end..range.end))))
        }
    })
    .boxed()
}

fn read_at(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut chunk = vec![0; length];
    file.read_exact_at(&mut chunk, range.start)?;
    Ok(chunk.into())
}

pub(super) fn object_meta(location: ObjectPath, metadata: &Metadata) -> ObjectMeta {
    let modified = metadata
        .modified()
        .unwrap_or(std::time::SystemTime::UNIX_EPOCH);
    let e_tag = format!(
        "{:x}-{:x}-{:x}-{:x}",
        metadata.ino(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.len()
    );
    ObjectMeta {
        location,
        last_modified: modified.into(),
        size: metadata.len(),
        e_tag: Some(e_tag),
        version: None,
    }
}

/// Below a file there is nothing, as in an object store where only the file's object is.
pub(super) fn absent_below_a_file(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotADirectory => io::Error::new(io::ErrorKind::NotFound, error),
        _ => error,
    }
}

/// Deletes a file; a folder is no object.
pub(super) fn delete(file: &Path) -> io::Result<()> {
    let metadata = std::fs::symlink_metadata(file).map_err(absent_below_a_file)?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "it is not a file"));
    }
    std::fs::remove_file(file)?;
    super::staged::sync_folder_of(file)
}
