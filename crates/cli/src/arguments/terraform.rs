//! `epycloud terraform`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud terraform init
  epycloud --env prod tf plan --out prod.tfplan
  epycloud --env prod tf apply
  epycloud tf output bucket_name

Variables are the configuration's, as TF_VAR_… in Terraform's environment; --dry-run shows them.";

/// `epycloud terraform`.
#[derive(Debug, Args)]
pub(crate) struct Terraform {
    /// Folder of the Terraform files [default: terraform or deploy/terraform of the project].
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) terraform_dir: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: TerraformCommand,
}

/// What Terraform is asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum TerraformCommand {
    /// Fetches providers and sets up the state.
    Init,
    /// Shows what would change.
    Plan {
        #[command(flatten)]
        targets: Targets,
        /// File that the plan is written to.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Ends with exit code 2 where something would change.
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Makes the changes.
    Apply {
        #[command(flatten)]
        targets: Targets,
        /// Asks nobody.
        #[arg(long)]
        auto_approve: bool,
    },
    /// Removes everything.
    Destroy {
        #[command(flatten)]
        targets: Targets,
        /// Asks nobody.
        #[arg(long)]
        auto_approve: bool,
    },
    /// Shows the outputs, or one of them.
    Output {
        /// Output.
        name: Option<String>,
    },
}

/// What of the infrastructure is meant.
#[derive(Debug, Args)]
pub(crate) struct Targets {
    /// Only this resource and what it depends on.
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) target: Vec<String>,
}
