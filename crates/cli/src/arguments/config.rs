//! `epycloud config`.

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud config init
  epycloud config show --sources
  epycloud --env prod config show
  epycloud config get google_cloud.project_id
  epycloud config set google_cloud.batch.max_parallelism 50
  epycloud --env prod config set docker.image_tag v1.0.0
  epycloud config edit-secrets
  epycloud config validate

`edit` and `set` work on config.yaml, with --env on that environment's file, with --profile on that
profile's.";

/// The user's configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Makes the folder of the configuration with commented files; none that is there is touched.
    Init,
    /// Shows what holds: all layers merged, secrets masked.
    Show(Show),
    /// Opens a file of the configuration in VISUAL or EDITOR, and checks it afterwards.
    Edit,
    /// Opens secrets.yaml, which nobody else can read.
    EditSecrets,
    /// Checks every file, and whether anything that the cloud needs is missing.
    Validate,
    /// Shows the folder of the configuration.
    Path,
    /// Shows a key's value.
    Get {
        /// Key, such as `google_cloud.project_id`.
        key: String,
    },
    /// Sets a key's value in a file; comments and types stay.
    Set {
        /// Key, such as `docker.image_tag`.
        key: String,
        /// Value; `-` reads it from standard input, as a secret has to be.
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Shows the environments.
    ListEnvs,
}

/// How the configuration is shown.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// YAML alone, for scripts.
    #[arg(long)]
    pub(crate) raw: bool,

    /// Where each value is from, as a comment behind it.
    #[arg(long)]
    pub(crate) sources: bool,
}
