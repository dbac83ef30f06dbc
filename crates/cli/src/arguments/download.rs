//! `epycloud download`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use epycloud_config::RunId;

use super::experiment::Within;

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud download -e 202607/
  epycloud download -e '202607/hosp_*' --files '*.pdf,*.csv.gz' -o ./results
  epycloud download -e my-flu --run-id try-1 --name-format short --nest-runs --yes
  epycloud download -e 202607/ --yes --json > downloaded.jsonl

Without --files: posterior_grid.pdf and quantiles_grid_sidebyside.pdf, and for experiments called
`hosp_…` categorical_rate_trends.pdf. Of each experiment, the latest run's latest whole outputs are
taken. A file of the same name is replaced, unless it is the same.

Exit codes: 0 all there, 1 nothing there, 2 bad usage, 3 some could not be downloaded.";

/// What a downloaded file is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NameFormat {
    /// By its whole path, with `_` for `/`.
    Long,
    /// By its own name.
    Short,
}

#[derive(Debug, Args)]
pub(crate) struct Download {
    /// Experiments whose ID matches; `*` matches slashes too.
    #[arg(short, long, value_name = "PATTERN")]
    pub(crate) exp_filter: String,

    /// Run, instead of each experiment's latest.
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,

    /// Folder that the files go to.
    #[arg(short, long, value_name = "DIR", default_value = "./downloads")]
    pub(crate) output_dir: PathBuf,

    /// What a downloaded file is called.
    #[arg(long, value_enum, default_value = "long")]
    pub(crate) name_format: NameFormat,

    /// Puts the files of a run into a folder of its own.
    #[arg(long)]
    pub(crate) nest_runs: bool,

    /// Files to download, instead of the usual plots: names and patterns, separated by commas.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) files: Vec<String>,

    /// Takes all outputs of a run, not only the latest.
    #[arg(long)]
    pub(crate) all_outputs: bool,

    /// Doesn't ask before starting.
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) within: Within,
}
