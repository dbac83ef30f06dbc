//! `epycloud experiment`, and where the runs lie that it and `download` are about.

use clap::{Args, Subcommand, ValueEnum};
use epycloud_config::DirPrefix;

pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  epycloud experiment list
  epycloud experiment list -e '202607/*' --latest
  epycloud experiment list -e '*smc*' -n 0 --format uri
  epycloud experiment list --bucket my-bucket --dir-prefix pipeline/covid/
  epycloud experiment list --local --json | jq -r .run_id

A filter without `*`, `?` or `[…]` is an experiment, or a folder with all below it.";

#[derive(Debug, Subcommand)]
pub(crate) enum Experiment {
    /// Lists experiments and their runs, the latest first.
    #[command(after_help = LIST_EXAMPLES)]
    List(Box<ListExperiments>),
}

/// The bucket, and the folder in it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Where the runs are")]
pub(crate) struct Within {
    /// Bucket: a name in Google Cloud, a URL (`gs://`, `s3://`, `az://`) or a folder [default: the
    /// configuration's, else the project's `local/bucket`].
    #[arg(long, value_name = "BUCKET", conflicts_with = "local")]
    pub(crate) bucket: Option<String>,

    /// Folder in the bucket under which experiments lie [default: the configuration's].
    #[arg(long, value_name = "PREFIX")]
    pub(crate) dir_prefix: Option<DirPrefix>,

    /// Looks at runs on this machine, whatever the configuration says of Google Cloud.
    #[arg(long)]
    pub(crate) local: bool,

    /// Environment of the configuration [default: EPYCLOUD_ENV, else `default`].
    // The global option without its `-e`, which is the filter's here.
    #[arg(
        id = "env",
        long = "env",
        value_name = "NAME",
        help_heading = "Configuration"
    )]
    pub(crate) _env: Option<String>,
}

/// How runs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table for people.
    Table,
    /// The address of each, a line each.
    Uri,
    /// `--exp-id` and `--run-id` of each, for other commands.
    Args,
    /// A JSON object a line; the same as `--json`.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ListExperiments {
    /// Experiments whose ID matches; `*` matches slashes too.
    #[arg(short, long, value_name = "PATTERN")]
    pub(crate) exp_filter: Option<String>,

    /// Only the latest run of each experiment.
    #[arg(long)]
    pub(crate) latest: bool,

    /// How many runs to list; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: usize,

    /// How runs are listed.
    #[arg(long, value_enum, default_value = "table", conflicts_with = "json")]
    pub(crate) format: ListFormat,

    /// Leaves sizes out, for which each object of the listed runs is looked at.
    #[arg(long)]
    pub(crate) no_size: bool,

    #[command(flatten)]
    pub(crate) within: Within,
}
