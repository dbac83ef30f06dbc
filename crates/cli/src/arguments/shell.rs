//! `epycloud completions` and `epycloud man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  epycloud completions bash > ~/.local/share/bash-completion/completions/epycloud
  epycloud completions zsh > ~/.zfunc/_epycloud
  epycloud completions fish > ~/.config/fish/completions/epycloud.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  epycloud man | man -l -
  epycloud man ~/.local/share/man/man1";

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell that completes.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder for the pages of all commands; without it, the program's page goes to stdout.
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}
