//! `cargo xtask structure-test`: container structure tests (schema 2.0.0) with nothing but Docker.
//!
//! It reads the files that Google's container-structure-test reads; what isn't implemented here
//! (licence tests) is an error, never passed over.
//! Schema: <https://github.com/GoogleContainerTools/container-structure-test>.

mod commands;
mod files;
mod metadata;
mod schema;

use std::path::PathBuf;

use clap::Args;
use regex::Regex;

use super::build::Target;
use crate::failure::Failure;
use crate::process::say;
use crate::workspace;
use epycloud_images::Engine;

use schema::Tests;

/// The tests that every image passes, in `docker/`.
const EVERY_IMAGE: &str = "container-structure-test.yaml";

#[derive(Args)]
pub(crate) struct Options {
    /// The image.
    #[arg(
        long,
        value_name = "NAME:TAG",
        default_value = "epymodelingsuite:local"
    )]
    pub(super) image: String,
    /// Files of tests [default: docker/container-structure-test.yaml].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Vec<PathBuf>,
}

/// What a test found: nothing, or everything that isn't as expected.
type Findings = Vec<String>;

/// The files of tests of a target: those of every image, and its own where there are any.
pub(super) fn files_of(target: Target) -> Vec<PathBuf> {
    let folder = workspace::root().join("docker");
    let own = folder.join(format!("container-structure-test.{target}.yaml"));
    let mut files = vec![folder.join(EVERY_IMAGE)];
    files.extend(own.is_file().then_some(own));
    files
}

/// Runs the tests and says how each ended.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let engine = Engine::find(&epycloud_config::Environment::from_process())?;
    if engine.inspect(&options.image, "{{.Id}}").is_none() {
        return Err(Failure::missing(format!(
            "there is no image `{}` (cargo xtask docker-build)",
            options.image
        )));
    }
    let mut files = options.config.clone();
    if files.is_empty() {
        files.push(workspace::root().join("docker").join(EVERY_IMAGE));
    }
    let mut results = Vec::new();
    for file in &files {
        let tests = Tests::read(file)?;
        results.extend(commands::run(&engine, &options.image, &tests)?);
        results.extend(files::run(&engine, &options.image, &tests)?);
        results.extend(metadata::run(&engine, &options.image, &tests)?);
    }
    report(&results)
}

fn report(results: &[(String, Findings)]) -> Result<(), Failure> {
    for (name, findings) in results {
        let verdict = if findings.is_empty() { "ok" } else { "FAILED" };
        say(&format!("structure: {name}: {verdict}"));
        for finding in findings {
            say(&format!("    {finding}"));
        }
    }
    let failed = results
        .iter()
        .filter(|(_, findings)| !findings.is_empty())
        .count();
    say(&format!(
        "structure: {} passed, {failed} failed",
        results.len() - failed
    ));
    match (failed, results.len()) {
        (0, 0) => Err(Failure::unmet("there is no structure test to run")),
        (0, _) => Ok(()),
        _ => Err(Failure::Untidy(failed)),
    }
}

/// Which of the patterns aren't in the text, and which are that mustn't be.
fn compare(what: &str, text: &str, expected: &[String], excluded: &[String]) -> Findings {
    let check = |pattern: &String, wanted: bool| match Regex::new(pattern) {
        Ok(regex) if regex.is_match(text) == wanted => None,
        Ok(_) => Some(format!(
            "{what} {} `{pattern}`: {}",
            if wanted { "doesn't match" } else { "matches" },
            excerpt(text)
        )),
        Err(error) => Some(format!("`{pattern}` is no pattern: {error}")),
    };
    let missing = expected.iter().filter_map(|pattern| check(pattern, true));
    let unwanted = excluded.iter().filter_map(|pattern| check(pattern, false));
    missing.chain(unwanted).collect()
}

/// The end of a text, where errors are.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 400;
    let text = text.trim();
    let start = text.chars().count().saturating_sub(LONGEST);
    text.chars().skip(start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_looked_for_anywhere() {
        let some = |pattern: &str| vec![pattern.to_owned()];
        assert!(compare("output", "all ok\n", &some("^all ok$|ok"), &[]).is_empty());
        assert_eq!(
            compare("output", "all ok", &some("no"), &some("ok")).len(),
            2
        );
        let broken = compare("output", "", &some("("), &[]);
        assert!(broken[0].contains("is no pattern"), "{broken:?}");
    }
}
