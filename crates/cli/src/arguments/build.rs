//! `epycloud build`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use epycloud_config::{BucketName, ImageTag};

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud build dev
  epycloud --env prod build cloud --wait
  epycloud build cloud --from-commit --tag v1.2.3 --yes
  epycloud build local --tag v1.2.3 --no-push
  epycloud build status --ongoing

Of the folder, what `.gcloudignore` lists is left out, or `.gitignore` where there is none, and in
any case what secrets are kept in. The image's name, its registry and the suite that is in it are the
configuration's (docker.*, github.modeling_suite_*). A token for a private suite is never in an
argument or a layer.";

/// `epycloud build`; without a mode it is `cloud`.
#[derive(Debug, Args)]
pub(crate) struct BuildCommand {
    #[command(subcommand)]
    pub(crate) mode: Option<Build>,
}

/// Where an image is built.
#[derive(Debug, Subcommand)]
pub(crate) enum Build {
    /// With Cloud Build, from the folder as it is, or from a commit (the default).
    Cloud(BuildCloud),
    /// Here with Docker, and pushes it to the registry.
    Local(BuildLocal),
    /// Here with Docker, for this machine.
    Dev(BuildDev),
    /// Shows the builds of Cloud Build.
    Status(BuildStatus),
}

/// What all modes share.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BuildWhat {
    /// Folder to build from [default: the project].
    #[arg(value_name = "CONTEXT")]
    pub(crate) context: Option<PathBuf>,

    /// Dockerfile [default: docker/Dockerfile].
    #[arg(short = 'f', long = "file", value_name = "DOCKERFILE")]
    pub(crate) dockerfile: Option<PathBuf>,

    /// Tag of the image.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<ImageTag>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct BuildCloud {
    #[command(flatten)]
    pub(crate) what: BuildWhat,

    /// Builds the commit that is checked out, which Cloud Build fetches from GitHub; the folder's
    /// files are sent otherwise.
    #[arg(long)]
    pub(crate) from_commit: bool,

    /// Bucket that the folder's files are sent to [default: PROJECT_cloudbuild, as gcloud has it].
    #[arg(long, value_name = "BUCKET", conflicts_with = "from_commit")]
    pub(crate) source_bucket: Option<BucketName>,

    /// Uses the layers of the image that was pushed last.
    #[arg(long)]
    pub(crate) cache: bool,

    /// Waits for its end.
    #[arg(long)]
    pub(crate) wait: bool,

    /// Doesn't ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BuildLocal {
    #[command(flatten)]
    pub(crate) what: BuildWhat,

    /// Builds every step anew.
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// Keeps the image here.
    #[arg(long)]
    pub(crate) no_push: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BuildDev {
    #[command(flatten)]
    pub(crate) what: BuildWhat,

    /// Uses earlier layers.
    #[arg(long)]
    pub(crate) cache: bool,

    /// Pushes it.
    #[arg(long)]
    pub(crate) push: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BuildStatus {
    /// Builds that are shown.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Those alone that aren't at their end.
    #[arg(long)]
    pub(crate) ongoing: bool,
}
