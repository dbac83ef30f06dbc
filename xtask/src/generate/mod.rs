//! `cargo xtask generate`: what is derived from the types that jobs are made with, so that they can't
//! drift apart.
//!
//! The workflow's job bodies are [`StageJob`](epycloud_google::batch::StageJob)'s, with expressions in
//! the place of values; resources are the configuration's built-in defaults.

mod counterparts;
mod defaults;
mod job;
mod terraform;
mod workflow;
mod yaml;

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::process::say;
use crate::workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// Writes nothing; fails if something isn't what would be written, or what jobs count on isn't there.
    #[arg(long)]
    check: bool,
}

/// A file, as it is to be.
struct Generated {
    path: PathBuf,
    text: String,
}

/// Writes what isn't as it should be, or says what it is.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if options.check {
        let stale = check()?;
        for problem in &stale {
            say(&format!("generate: {problem}"));
        }
        return if stale.is_empty() {
            Ok(())
        } else {
            Err(Failure::Untidy(stale.len()))
        };
    }
    stale()?.iter().try_for_each(write)
}

fn write(file: &Generated) -> Result<(), Failure> {
    say(&format!("generate: {}", file.path.display()));
    let path = workspace::root().join(&file.path);
    let folder = path.parent().unwrap_or_else(|| workspace::root());
    #[expect(
        clippy::disallowed_methods,
        reason = "a torn file of the checkout is generated again"
    )]
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &file.text));
    written.map_err(|source| Failure::File { path, source })
}

/// What isn't as it would be generated, and what jobs count on and isn't so, a line each.
pub(crate) fn check() -> Result<Vec<String>, Failure> {
    let stale = stale()?.into_iter().map(|file| {
        let path = file.path.display();
        format!("{path} is out of date; `cargo xtask generate` mends it")
    });
    Ok(stale.chain(counterparts::problems()?).collect())
}

fn stale() -> Result<Vec<Generated>, Failure> {
    let mut stale = Vec::new();
    for file in [workflow::file()?, terraform::file()?] {
        if read(&file.path)? != file.text {
            stale.push(file);
        }
    }
    Ok(stale)
}

/// The text of a file of the checkout; of one that isn't there, none.
fn read(path: &PathBuf) -> Result<String, Failure> {
    match std::fs::read_to_string(workspace::root().join(path)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|source| Failure::File {
            path: path.clone(),
            source,
        }),
    }
}
