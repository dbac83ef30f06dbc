//! `cargo xtask tidy`: what the compiler can't check.

mod layers;
mod sources;

use crate::failure::Failure;
use crate::generate;
use crate::process::say;

/// Runs every check and fails when any finds something.
pub(crate) fn run() -> Result<(), Failure> {
    let mut problems = layers::check()?;
    problems.extend(sources::check()?);
    problems.extend(generate::check()?);
    for problem in &problems {
        say(&format!("tidy: {problem}"));
    }
    if problems.is_empty() {
        say("tidy: layers, sources and generated files are in order");
        Ok(())
    } else {
        Err(Failure::Untidy(problems.len()))
    }
}
