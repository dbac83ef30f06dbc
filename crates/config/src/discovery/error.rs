//! Why an experiment's files can't be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use epycloud_errors::{Diagnose, ExitCode};

use crate::{ExpId, Fault};

/// Why an experiment's files can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The repository isn't there, or isn't one.
    #[error("`{}` is not a forecast repository: it has no folder `experiments`", .repository.display())]
    NoRepository {
        /// The folder that was looked in.
        repository: PathBuf,
    },
    /// The experiment isn't there.
    #[error("experiment `{exp_id}` is not there: no folder `{}`", .folder.display())]
    Missing {
        /// The experiment.
        exp_id: ExpId,
        /// The folder that was looked for.
        folder: PathBuf,
        /// Experiments of the same name elsewhere in the repository.
        elsewhere: Vec<String>,
        /// The experiment with the most similar ID.
        nearest: Option<String>,
    },
    /// The experiment has no `config` folder.
    #[error("experiment `{exp_id}` has no folder `config` in `{}`", .folder.display())]
    NoConfigFolder {
        /// The experiment.
        exp_id: ExpId,
        /// The experiment's folder.
        folder: PathBuf,
        /// YAML files that lie beside where the `config` folder should be.
        n_files_beside: usize,
    },
    /// A link leads out of the repository.
    #[error("`{}` leads out of the forecast repository, to `{}`", .path.display(), .target.display())]
    Outside {
        /// The link, or what lies behind one.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A file or folder can't be read.
    #[error("could not read `{}`", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The files aren't what an experiment needs.
    #[error("{}", Lines(.faults))]
    Invalid {
        /// Everything that is wrong, sorted by file and line.
        faults: Vec<Fault>,
    },
}

impl DiscoveryError {
    /// The same with paths from the repository's root: people know a repository that was fetched
    /// by its name, not by its folder here.
    #[must_use]
    pub fn from_root(mut self, repository: &Path) -> Self {
        let shorten = |path: &mut PathBuf| {
            if let Ok(rest) = path.strip_prefix(repository) {
                *path = rest.to_owned();
            }
        };
        match &mut self {
            Self::NoRepository { .. } => {}
            Self::Missing { folder, .. } | Self::NoConfigFolder { folder, .. } => shorten(folder),
            Self::Outside { path, target } => {
                shorten(path);
                shorten(target);
            }
            Self::Unreadable { path, .. } => shorten(path),
            Self::Invalid { faults } => {
                for fault in faults {
                    shorten(&mut fault.file);
                }
            }
        }
        self
    }
}

impl Diagnose for DiscoveryError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoRepository { .. } => Some(
                "point --project-directory or FORECAST_REPO_DIR to a clone of the repository"
                    .to_owned(),
            ),
            Self::Missing {
                elsewhere, nearest, ..
            } => match (elsewhere.as_slice(), nearest) {
                ([], None) => Some("list what there is with `ls experiments`".to_owned()),
                ([], Some(nearest)) => Some(format!("did you mean `{nearest}`?")),
                (ids, _) => {
                    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
                    Some(format!(
                        "experiments of that name: {}; give the whole ID",
                        ids.join(", ")
                    ))
                }
            },
            Self::NoConfigFolder {
                n_files_beside: 0, ..
            } => Some("an experiment's YAML files lie in its folder `config`".to_owned()),
            Self::NoConfigFolder { .. } => {
                Some("move its YAML files into a folder `config`".to_owned())
            }
            Self::Outside { .. } => {
                Some("copy the files into the repository instead of linking them".to_owned())
            }
            Self::Unreadable { .. } | Self::Invalid { .. } => None,
        }
    }
}

/// One fault a line.
struct Lines<'a>(&'a [Fault]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_can_be_told_from_the_root() {
        let error = DiscoveryError::Missing {
            exp_id: "flu".parse().unwrap(),
            folder: "/tmp/x/experiments/flu/config".into(),
            elsewhere: Vec::new(),
            nearest: None,
        };
        assert_eq!(
            error.from_root(Path::new("/tmp/x")).to_string(),
            "experiment `flu` is not there: no folder `experiments/flu/config`"
        );
    }
}
