//! `epycloud profile`.

use clap::{Args, Subcommand, ValueEnum};
use epycloud_config::GithubRepository;
use epycloud_config::user::LayerName;

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud profile list
  epycloud profile use flu
  epycloud profile create mpox --forecast-repo my-lab/mpox-forecasts
  epycloud profile create flu-test --from flu
  epycloud profile show flu
  epycloud profile delete flu-test";

/// Profiles: what differs from project to project.
#[derive(Debug, Subcommand)]
pub(crate) enum Profile {
    /// Shows the profiles.
    List,
    /// Makes a profile the active one, for every command that names no other.
    Use {
        /// Profile.
        name: LayerName,
    },
    /// Shows the active profile.
    Current,
    /// Makes a new profile.
    Create(CreateProfile),
    /// Opens a profile in VISUAL or EDITOR, and checks it afterwards.
    Edit {
        /// Profile.
        name: LayerName,
    },
    /// Shows a profile: what it says of itself, and its keys.
    Show {
        /// Profile.
        name: LayerName,
    },
    /// Deletes a profile.
    Delete {
        /// Profile.
        name: LayerName,
        /// Even the active one.
        #[arg(long)]
        force: bool,
    },
}

/// What a new profile begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// Who it is and its repository.
    Basic,
    /// Resources of stage B too.
    Full,
    /// Basic, described as influenza.
    Flu,
    /// Basic, described as COVID-19.
    Covid,
    /// Basic, described as RSV.
    Rsv,
}

/// A new profile.
#[derive(Debug, Args)]
pub(crate) struct CreateProfile {
    /// Name.
    pub(crate) name: LayerName,

    /// Begins as a copy of another profile.
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["template", "description", "forecast_repo"])]
    pub(crate) from: Option<LayerName>,

    /// What it begins with.
    #[arg(long, value_enum, default_value = "basic")]
    pub(crate) template: Template,

    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// Repository of its experiments [default: mobs-lab/NAME-forecast].
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) forecast_repo: Option<GithubRepository>,
}
