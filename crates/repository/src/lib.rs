//! The forecast repository: one commit of it, fetched by git, packed and unpacked.
//!
//! [`fetch`] obtains the files of exactly one commit by a shallow fetch, with the git executable;
//! a token, if one is needed, comes from the caller or from Secret Manager ([`Tokens`]) and reaches
//! git in one header and nowhere else. [`pack`] makes one archive of the files, the same bytes for
//! the same commit, and [`unpack`] puts them in a folder, trusting nothing in the archive.
//!
//! ```
//! use epycloud_repository::{pack, unpack};
//!
//! # let folder = tempfile::tempdir()?;
//! # let (from, to) = (folder.path().join("a"), folder.path().join("b"));
//! # std::fs::create_dir(&from)?;
//! # std::fs::write(from.join("README.md"), "x")?;
//! let archive = pack(&from)?;
//! assert_eq!(archive, pack(&from)?);
//! unpack(&archive, &to)?;
//! assert_eq!(std::fs::read_to_string(to.join("README.md"))?, "x");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod error;
mod folder;
mod git;
mod origin;
mod secret;
mod token;

pub use archive::{pack, unpack};
pub use error::RepositoryError;
pub use folder::{commit_of, place};
pub use git::{fetch, obtain};
pub use origin::Origin;
pub use token::Tokens;

/// What every function here returns.
pub type Result<T, E = RepositoryError> = std::result::Result<T, E>;
