//! Options of every command, before it or after it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use epycloud_config::user::Selection;

const HEADING: &str = "Configuration";

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which configuration holds, and how output looks.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Environment of the configuration [default: EPYCLOUD_ENV, else `default`].
    #[arg(short, long, global = true, value_name = "NAME", help_heading = HEADING)]
    pub(crate) env: Option<String>,

    /// Profile of the configuration [default: EPYCLOUD_PROFILE, else the active one].
    #[arg(long, global = true, value_name = "NAME", help_heading = HEADING)]
    pub(crate) profile: Option<String>,

    /// File that stands in for the configuration's `config.yaml`.
    #[arg(short, long, global = true, value_name = "FILE", help_heading = HEADING)]
    pub(crate) config: Option<PathBuf>,

    /// Project: its `epycloud.yaml` is part of the configuration [default: here].
    // The identifier is that of the runs' `--project-directory`, so that either sets both.
    #[arg(
        id = "project_directory",
        short = 'd',
        long = "project-dir",
        visible_alias = "project-directory",
        global = true,
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true,
        help_heading = HEADING
    )]
    pub(crate) project_directory: PathBuf,

    /// When colours are used.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        conflicts_with = "no_color"
    )]
    pub(crate) color: Option<Colour>,

    /// Leaves colours out; NO_COLOR does too.
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

impl Global {
    /// What the command line says about the configuration.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            environment: self.env.clone(),
            profile: self.profile.clone(),
            config_file: self.config.clone(),
            project_dir: self.project_directory.clone(),
        }
    }

    /// Whether colours are used whatever the terminal is; `None` leaves it to the terminal.
    pub(crate) fn colour(&self) -> Option<bool> {
        match self.color {
            _ if self.no_color => Some(false),
            Some(Colour::Always) => Some(true),
            Some(Colour::Never) => Some(false),
            Some(Colour::Auto) | None => None,
        }
    }
}
