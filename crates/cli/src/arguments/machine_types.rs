//! `epycloud machine-types`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud machine-types
  epycloud machine-types n2-highmem
  epycloud machine-types --refresh

The table that comes with epycloud is dated; `--refresh` asks Compute Engine for those of the
configured region, and `run` checks machine types against what it says from then on. Prices are list
prices in that region.";

#[derive(Debug, Args)]
pub(crate) struct MachineTypesOf {
    /// Those whose name begins so.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Asks Compute Engine what there is now.
    #[arg(long)]
    pub(crate) refresh: bool,
}
