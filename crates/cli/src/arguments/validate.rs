//! `epycloud validate`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use epycloud_config::{FileName, GitRef, GithubRepository};

use super::modelling::Modelling;

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud validate --exp-id my-flu
  epycloud validate --exp-id '202605/*' --strict
  epycloud validate --path ./local/forecast/experiments/my-flu/config
  epycloud validate --repo my-lab/forecasts --ref v2.1 --exp-id my-flu --format json
  epycloud validate --exp-id my-flu --engine native
  epycloud validate --exp-id my-flu && epycloud run workflow --exp-id my-flu

Exit codes: 0 all passed, 1 some failed, 2 what was to be checked can't be read.";

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("target").required(true).args(["exp_id", "path"])))]
pub(crate) struct Validate {
    /// Experiments of a forecast repository; `*`, `?` and `[…]` stand for parts of their IDs.
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub(crate) exp_id: Vec<String>,

    /// Configuration folders on this machine.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub(crate) path: Vec<PathBuf>,

    /// Forecast repository on GitHub, instead of the project's.
    #[arg(long, value_name = "OWNER/NAME", conflicts_with = "path")]
    pub(crate) repo: Option<GithubRepository>,

    /// Branch, tag or commit of the repository on GitHub.
    #[arg(long = "ref", value_name = "REF", conflicts_with = "path")]
    pub(crate) git_ref: Option<GitRef>,

    /// How the outcome is written.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    pub(crate) format: ReportFormat,

    /// Counts warnings as errors.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Looks at the files alone, not at the data that they name.
    #[arg(long)]
    pub(crate) files_only: bool,

    /// Output configuration that a run would be given.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_config: Option<FileName>,

    #[command(flatten)]
    pub(crate) modelling: Modelling,

    /// Taken by the original; a token on a command line can be read by others.
    #[arg(long, value_name = "TOKEN", hide = true)]
    pub(crate) github_token: Option<String>,
}
