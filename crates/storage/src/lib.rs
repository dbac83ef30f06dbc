//! One storage over local files, memory and object stores, and the layout of a run in it.
//!
//! Everything that is written appears whole or not at all, on every backend: local files through
//! a temporary file, `fsync` and a rename; objects through a single put or a completed multipart
//! upload. Names that end in `.gz` are compressed and decompressed on the way. What goes wrong is
//! told apart: missing, corrupt, denied, temporary (worth a retry) or failed.
//!
//! ```
//! use epycloud_config::{DirPrefix, TaskIndex};
//! use epycloud_storage::{LoadOptions, RunLayout, SaveOptions, Storage};
//!
//! # #[derive(Debug, thiserror::Error)] enum Never {}
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # let folder = tempfile::tempdir()?;
//! # runtime.block_on(async {
//! let storage = Storage::local(folder.path())?;
//! let layout = RunLayout::new(
//!     &DirPrefix::default(),
//!     &"202547/smc_rmse".parse()?,
//!     &"20261123-143052-0a1b2c3d".parse()?,
//! );
//!
//! let path = layout.input(TaskIndex::new(0), 3);
//! storage.save_bytes(&path, b"a pickle".to_vec(), &SaveOptions::default()).await?;
//!
//! assert_eq!(storage.load_bytes(&path, &LoadOptions::default()).await?, b"a pickle");
//! let found = storage.list(layout.root()).await?;
//! assert_eq!(
//!     found[0].path.as_str(),
//!     "pipeline/flu/202547/smc_rmse/20261123-143052-0a1b2c3d/builder-artifacts/input_00000.pkl.gz"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blocking;
mod checksum;
mod classify;
#[cfg(feature = "http")]
mod cloud;
#[cfg(feature = "testing")]
pub mod conformance;
mod content_type;
mod error;
mod gzip;
mod layout;
mod list;
mod load;
mod local;
mod open;
mod parts;
mod path;
mod patience;
mod save;
mod start;
mod storage;
mod summary;
mod writer;

pub use blocking::{block_here, may_block};
pub use error::{Action, Cause, StorageError};
pub use layout::{RunLayout, Summary};
pub use list::ObjectInfo;
pub use load::{DEFAULT_MAX_BYTES, Decompression, LoadOptions};
pub use local::LocalStore;
pub use path::{InvalidStoragePath, StoragePath};
pub use patience::Patience;
pub use save::{Compression, Created, SaveOptions, Saved};
pub use storage::Storage;
pub use writer::Writer;

/// What every function here returns.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;
