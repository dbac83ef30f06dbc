//! Uploads in parts that go wrong.

use async_trait::async_trait;
use object_store::path::Path;
use object_store::{MultipartUpload, PutPayload, PutResult, Result, UploadPart};

use super::fault::status;
use super::{Fault, Faults, Operation};

#[derive(Debug)]
pub(crate) struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    path: Path,
    faults: Faults,
}

impl FaultyUpload {
    pub(crate) fn new(inner: Box<dyn MultipartUpload>, path: Path, faults: Faults) -> Self {
        Self {
            inner,
            path,
            faults,
        }
    }
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let bytes = data.content_length() as u64;
        let fault = self.faults.next(Operation::Part, &self.path, bytes);
        if let Some(error) = fault.as_ref().and_then(|fault| fault.error(&self.path)) {
            return Box::pin(async { Err(error) });
        }
        let sent = self.inner.put_part(data);
        Box::pin(async move {
            wait_for(fault.as_ref()).await;
            sent.await?;
            if fault == Some(Fault::LostAnswer) {
                Err(status("504 Gateway Timeout"))
            } else {
                Ok(())
            }
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let fault = self.faults.next(Operation::Complete, &self.path, 0);
        if let Some(error) = fault.as_ref().and_then(|fault| fault.error(&self.path)) {
            return Err(error);
        }
        wait_for(fault.as_ref()).await;
        let result = self.inner.complete().await?;
        if fault == Some(Fault::LostAnswer) {
            Err(status("504 Gateway Timeout"))
        } else {
            Ok(result)
        }
    }

    async fn abort(&mut self) -> Result<()> {
        let fault = self.faults.next(Operation::Abort, &self.path, 0);
        if let Some(error) = fault.as_ref().and_then(|fault| fault.error(&self.path)) {
            return Err(error);
        }
        self.inner.abort().await
    }
}

/// Waits as long as a slow answer takes.
pub(crate) async fn wait_for(fault: Option<&Fault>) {
    if let Some(Fault::Slow(time)) = fault {
        tokio::time::sleep(*time).await;
    }
}
