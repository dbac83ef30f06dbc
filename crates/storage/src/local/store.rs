//! The object_store interface.

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use object_store::path::Path as ObjectPath;
use object_store::{
    CopyMode, CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::names::store_error;
use super::staged::{Placement, Staged};
use super::upload::LocalUpload;
use super::{LocalStore, read};
use crate::blocking;

#[async_trait]
impl ObjectStore for LocalStore {
    async fn put_opts(
        &self,
        location: &ObjectPath,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        let placement = match opts.mode {
            PutMode::Overwrite => Placement::Replace,
            PutMode::Create => Placement::OnlyNew,
            PutMode::Update(_) => return Err(self.not_implemented("a conditional update")),
        };
        let file = self.file_of(location)?;
        blocking::run(move || {
            let staged = Staged::create(&file)?;
            let mut offset = 0;
            for chunk in &payload {
                staged.write_at(chunk, offset)?;
                offset += chunk.len() as u64;
            }
            staged.place(placement)
        })
        .await?
        .map_err(|error| store_error(location, error))?;
        Ok(PutResult {
            e_tag: None,
            version: None,
            extensions: Default::default(),
        })
    }

    async fn put_multipart_opts(
        &self,
        location: &ObjectPath,
        _opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let file = self.file_of(location)?;
        let staged = blocking::run(move || Staged::create(&file))
            .await?
            .map_err(|error| store_error(location, error))?;
        Ok(Box::new(LocalUpload::new(location.clone(), staged)))
    }

    async fn get_opts(&self, location: &ObjectPath, options: GetOptions) -> Result<GetResult> {
        let file = self.file_of(location)?;
        let location = location.clone();
        blocking::run(move || read::open(&location, &file, &options)).await?
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<ObjectPath>>,
    ) -> BoxStream<'static, Result<ObjectPath>> {
        let store = self.clone();
        locations
            .then(move |location| {
                let store = store.clone();
                async move {
                    let location = location?;
                    let file = store.file_of(&location)?;
                    blocking::run(move || read::delete(&file))
                        .await?
                        .map_err(|error| store_error(&location, error))?;
                    Ok(location)
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&ObjectPath>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.walk(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&ObjectPath>) -> Result<ListResult> {
        let content = self.content(prefix).await?;
        let common_prefixes = content
            .folders
            .iter()
            .map(ObjectPath::parse)
            .collect::<std::result::Result<_, _>>()?;
        Ok(ListResult {
            common_prefixes,
            objects: content.objects,
            extensions: Default::default(),
        })
    }

    async fn copy_opts(
        &self,
        from: &ObjectPath,
        to: &ObjectPath,
        options: CopyOptions,
    ) -> Result<()> {
        let mode = match options.mode {
            CopyMode::Overwrite => PutMode::Overwrite,
            CopyMode::Create => PutMode::Create,
        };
        let data = self
            .get_opts(from, GetOptions::default())
            .await?
            .bytes()
            .await?;
        self.put_opts(to, data.into(), mode.into()).await.map(drop)
    }
}

impl LocalStore {
    fn not_implemented(&self, operation: &str) -> object_store::Error {
        object_store::Error::NotImplemented {
            operation: operation.to_owned(),
            implementer: self.to_string(),
        }
    }
}
