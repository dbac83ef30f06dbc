//! The store that misbehaves.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    RenameOptions, Result,
};

use super::fault::{broken, status};
use super::upload::{FaultyUpload, wait_for};
use super::{Fault, Faults, Operation};

/// Any store, with faults that a test asks for. Without rules and rates it behaves as the store
/// inside does.
///
/// ```
/// use std::sync::Arc;
///
/// use epycloud_test_support::store::{Fault, FaultStore, Operation, Rule, When};
/// use object_store::memory::InMemory;
/// use object_store::{ObjectStoreExt, path::Path};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let store = FaultStore::new(Arc::new(InMemory::new()));
/// store.faults().add(Rule::new(Operation::Put, When::First(1), Fault::Unavailable));
/// let path = Path::from("a");
/// assert!(store.put(&path, "first".into()).await.is_err());
/// assert!(store.put(&path, "second".into()).await.is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FaultStore {
    inner: Arc<dyn ObjectStore>,
    faults: Faults,
}

impl FaultStore {
    /// Wraps a store.
    #[must_use]
    pub fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self {
            inner,
            faults: Faults::default(),
        }
    }

    /// The faults, to be changed and counted.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// The fault of a call, or the error that keeps the call from taking effect.
    async fn fault(&self, operation: Operation, path: &Path) -> Result<Option<Fault>> {
        let fault = self.faults.next(operation, path, 0);
        if let Some(error) = fault.as_ref().and_then(|fault| fault.error(path)) {
            return Err(error);
        }
        wait_for(fault.as_ref()).await;
        Ok(fault)
    }
}

/// The answer of a call that took effect.
fn answer<T>(fault: Option<&Fault>, result: Result<T>) -> Result<T> {
    match fault {
        Some(Fault::LostAnswer) => result.and_then(|_| Err(status("504 Gateway Timeout"))),
        _ => result,
    }
}

impl fmt::Display for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultStore({})", self.inner)
    }
}

// A method that a new version of the trait adds must not slip past the faults.
#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ObjectStore for FaultStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        let fault = self.fault(Operation::Put, location).await?;
        answer(
            fault.as_ref(),
            self.inner.put_opts(location, payload, opts).await,
        )
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.fault(Operation::Start, location).await?;
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        Ok(Box::new(FaultyUpload::new(
            inner,
            location.clone(),
            self.faults.clone(),
        )))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let fault = self.fault(Operation::Get, location).await?;
        let result = self.inner.get_opts(location, options).await?;
        let Some(fault) = fault else {
            return Ok(result);
        };
        Ok(GetResult {
            meta: result.meta.clone(),
            range: result.range.clone(),
            attributes: result.attributes.clone(),
            extensions: result.extensions.clone(),
            payload: GetResultPayload::Stream(faulty_body(result.into_stream(), &fault)),
        })
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.fault(Operation::Get, location).await?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        locations
            .then(move |location| {
                let store = store.clone();
                async move {
                    let location = location?;
                    let fault = store.fault(Operation::Delete, &location).await?;
                    answer(fault.as_ref(), store.inner.delete(&location).await)?;
                    Ok(location)
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        faulty_list(self, prefix, self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        faulty_list(self, prefix, self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.fault(Operation::List, prefix.unwrap_or(&Path::ROOT))
            .await?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let fault = self.fault(Operation::Copy, to).await?;
        answer(
            fault.as_ref(),
            self.inner.copy_opts(from, to, options).await,
        )
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let fault = self.fault(Operation::Copy, to).await?;
        answer(
            fault.as_ref(),
            self.inner.rename_opts(from, to, options).await,
        )
    }
}

fn faulty_body(
    body: BoxStream<'static, Result<Bytes>>,
    fault: &Fault,
) -> BoxStream<'static, Result<Bytes>> {
    match fault {
        Fault::Broken { after } => first_bytes(body, *after).chain(error_at_the_end()).boxed(),
        Fault::Truncated { after } => first_bytes(body, *after).boxed(),
        Fault::Corrupted { at } => flipped(body, *at).boxed(),
        _ => body,
    }
}

fn error_at_the_end<T: Send + 'static>() -> BoxStream<'static, Result<T>> {
    stream::once(async { Err(broken()) }).boxed()
}

fn first_bytes(
    body: BoxStream<'static, Result<Bytes>>,
    bytes: u64,
) -> impl futures::Stream<Item = Result<Bytes>> + Send {
    body.scan(bytes, |left, chunk| {
        let chunk = chunk.map(|chunk| {
            let taken = chunk
                .len()
                .min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= taken as u64;
            chunk.slice(..taken)
        });
        let ended = matches!(&chunk, Ok(chunk) if chunk.is_empty());
        std::future::ready((!ended).then_some(chunk))
    })
}

fn flipped(
    body: BoxStream<'static, Result<Bytes>>,
    at: u64,
) -> impl futures::Stream<Item = Result<Bytes>> + Send {
    body.scan(at, |ahead, chunk| {
        let chunk = chunk.map(|chunk| {
            let mut bytes = chunk.to_vec();
            let hit = usize::try_from(*ahead)
                .ok()
                .and_then(|at| bytes.get_mut(at));
            match hit {
                Some(byte) => {
                    *byte ^= 1;
                    *ahead = u64::MAX;
                }
                None => *ahead = ahead.saturating_sub(bytes.len() as u64),
            }
            Bytes::from(bytes)
        });
        std::future::ready(Some(chunk))
    })
}

fn faulty_list(
    store: &FaultStore,
    prefix: Option<&Path>,
    list: BoxStream<'static, Result<ObjectMeta>>,
) -> BoxStream<'static, Result<ObjectMeta>> {
    let store = store.clone();
    let prefix = prefix.cloned().unwrap_or_default();
    stream::once(async move {
        match store.fault(Operation::List, &prefix).await {
            Err(error) => stream::once(async { Err(error) }).boxed(),
            Ok(Some(Fault::Broken { after })) => {
                list.take(count(after)).chain(error_at_the_end()).boxed()
            }
            Ok(Some(Fault::Truncated { after })) => list.take(count(after)).boxed(),
            Ok(_) => list,
        }
    })
    .flatten()
    .boxed()
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
