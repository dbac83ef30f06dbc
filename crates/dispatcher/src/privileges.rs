//! Giving up root.
//!
//! A container that nobody gave a user runs as root, and so does one of a Compose file or a job that
//! was written for the original. What it writes should still belong to whoever started it.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use epycloud_config::{RunAs, RuntimeSettings};
use epycloud_errors::{Diagnose, ExitCode};
use nix::unistd::{Gid, Uid, geteuid, setgid, setgroups, setuid};

/// Why the user couldn't be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivilegesError {
    /// There is no telling whose the data is.
    #[error("can't see who owns `{}`, whom this stage is to run as", .folder.display())]
    Owner {
        /// The data folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system refused.
    #[error("can't become the user `{uid}:{gid}` (EPYCLOUD_RUN_AS)")]
    Refused {
        /// The user.
        uid: u32,
        /// Its group.
        gid: u32,
        /// Why.
        source: io::Error,
    },
}

impl Diagnose for PrivilegesError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Owner { .. } => {
                "mount a folder there, or set EPYCLOUD_RUN_AS to UID:GID or as-started".to_owned()
            }
            Self::Refused { .. } => {
                "the container needs the capabilities SETUID and SETGID for that; give it a user \
                 (`docker run --user`) or set EPYCLOUD_RUN_AS=as-started"
                    .to_owned()
            }
        })
    }
}

/// Becomes whom the settings name, if this process is root.
pub(crate) fn give_up(settings: &RuntimeSettings) -> Result<(), PrivilegesError> {
    if !geteuid().is_root() {
        return Ok(());
    }
    match user(settings.run_as.value, &settings.local_data_path.value)? {
        // Root's own data: root is who mounted it.
        None | Some((0, _)) => Ok(()),
        Some((uid, gid)) => become_user(uid, gid).map_err(|source| PrivilegesError::Refused {
            uid,
            gid,
            source: source.into(),
        }),
    }
}

fn user(run_as: RunAs, data: &Path) -> Result<Option<(u32, u32)>, PrivilegesError> {
    match run_as {
        RunAs::AsStarted => Ok(None),
        RunAs::User { uid, gid } => Ok(Some((uid, gid))),
        RunAs::DataOwner => {
            let metadata = std::fs::metadata(data).map_err(|source| PrivilegesError::Owner {
                folder: data.to_owned(),
                source,
            })?;
            Ok(Some((metadata.uid(), metadata.gid())))
        }
    }
}

/// Groups first: without root's rights they can't be given up any more.
fn become_user(uid: u32, gid: u32) -> nix::Result<()> {
    setgroups(&[Gid::from_raw(gid)])?;
    setgid(Gid::from_raw(gid))?;
    setuid(Uid::from_raw(uid))
}
