//! Objects that come in parts.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::path::Path as ObjectPath;
use object_store::{MultipartUpload, PutPayload, PutResult, UploadPart};

use super::names::store_error;
use super::staged::{Placement, Staged};
use crate::blocking;

#[derive(Debug)]
pub(super) struct LocalUpload {
    location: ObjectPath,
    /// Gone once the upload is completed or aborted.
    staged: Option<Arc<Staged>>,
    offset: u64,
}

impl LocalUpload {
    pub(super) fn new(location: ObjectPath, staged: Staged) -> Self {
        Self {
            location,
            staged: Some(Arc::new(staged)),
            offset: 0,
        }
    }

    fn ended(&self) -> object_store::Error {
        let error = std::io::Error::other("the upload has ended already");
        store_error(&self.location, error)
    }
}

#[async_trait]
impl MultipartUpload for LocalUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let Some(staged) = self.staged.clone() else {
            let error = self.ended();
            return Box::pin(async { Err(error) });
        };
        let location = self.location.clone();
        let mut offset = self.offset;
        self.offset += data.content_length() as u64;
        Box::pin(async move {
            let written = blocking::run(move || {
                data.iter().try_for_each(|chunk| {
                    staged.write_at(chunk, offset)?;
                    offset += chunk.len() as u64;
                    Ok(())
                })
            });
            written
                .await?
                .map_err(|error| store_error(&location, error))
        })
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let Some(staged) = self.staged.take() else {
            return Err(self.ended());
        };
        blocking::run(move || staged.place(Placement::Replace))
            .await?
            .map_err(|error| store_error(&self.location, error))?;
        Ok(PutResult {
            e_tag: None,
            version: None,
            extensions: Default::default(),
        })
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        match self.staged.take() {
            Some(staged) => Ok(blocking::run(move || drop(staged)).await?),
            None => Ok(()),
        }
    }
}
