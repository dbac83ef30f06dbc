//! What is built again, and what isn't.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::project::write;
use crate::docker::build::{self, command};
use crate::failure::Failure;
use crate::process::{run as run_shown, say};
use crate::workspace;
use epycloud_images::Engine;
use epycloud_images::NetworkFile;

/// What an image is made from (docker/Dockerfile.dockerignore).
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "bench/Cargo.toml",
    "examples/run-report/Cargo.toml",
    "xtask/Cargo.toml",
    "docker",
];
/// A source that every program is made from.
const CHANGED: &str = "crates/stages/src/lib.rs";
/// The steps that a changed source may take: its skeleton, the programs, and what holds them.
const OF_SOURCES: [&str; 5] = [
    "[manifests ",
    "[binaries ",
    "COPY --from=binaries ",
    "COPY docker/scripts/",
    "write-sbom.py",
];

/// The same build again builds nothing; after a change to a source, only the programs and the layers
/// on top of them are built.
pub(super) fn run(engine: &Engine, options: &build::Options) -> Result<(), Failure> {
    let again = steps(&log(engine, options)?);
    let rebuilt = rebuilt(&again);
    if again.is_empty() || !rebuilt.is_empty() {
        return Err(Failure::unmet(format!(
            "of {} steps, the same build again ran {}",
            again.len(),
            rebuilt.join(", ")
        )));
    }
    say(&format!(
        "cache: all {} steps of the same build come from the cache",
        again.len()
    ));
    let changed = changed_sources()?;
    let context = build::Options {
        context: Some(changed.path().to_owned()),
        ..options.clone()
    };
    let steps = steps(&log(engine, &context)?);
    check_changed(&self::rebuilt(&steps))
}

fn check_changed(rebuilt: &[String]) -> Result<(), Failure> {
    let of_sources = |step: &&String| OF_SOURCES.iter().any(|part| step.contains(part));
    let others: Vec<&String> = rebuilt.iter().filter(|step| !of_sources(step)).collect();
    let compiles = rebuilt.iter().any(|step| step.starts_with("[binaries "));
    if !compiles || !others.is_empty() {
        return Err(Failure::unmet(format!(
            "after a change to {CHANGED}, these steps ran: {rebuilt:?}"
        )));
    }
    say(&format!(
        "cache: after a change to {CHANGED}, {} steps ran, of the programs and the last layers",
        rebuilt.len()
    ));
    Ok(())
}

/// A copy of the sources with one of them changed.
fn changed_sources() -> Result<TempDir, Failure> {
    let folder = TempDir::new().map_err(|source| Failure::File {
        path: PathBuf::from("a temporary folder"),
        source,
    })?;
    run_shown(
        Command::new("cp")
            .current_dir(workspace::root())
            .args(["--recursive", "--parents"])
            .args(SOURCES)
            .arg(folder.path()),
    )?;
    let path: &Path = &folder.path().join(CHANGED);
    let text = std::fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })?;
    write(path, &format!("{text}\n// changed\n"))?;
    Ok(folder)
}

/// Builds and returns what BuildKit says of it.
fn log(engine: &Engine, options: &build::Options) -> Result<String, Failure> {
    let plain = build::Options {
        progress: "plain".to_owned(),
        ..options.clone()
    };
    let network = NetworkFile::of(&epycloud_config::Environment::from_process())?;
    let output = command(engine, &plain, &network)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Failure::Start {
            program: "docker build".into(),
            source,
        })?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(log);
    }
    say(&log);
    Err(Failure::Command {
        command: "docker build".into(),
        status: output.status,
    })
}

/// A step of a build: what it does, and whether its result was there.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    name: String,
    cached: bool,
}

/// The Dockerfile's steps in a log; taking a base image isn't one.
fn steps(log: &str) -> Vec<Step> {
    let mut names: BTreeMap<u32, Step> = BTreeMap::new();
    for line in log.lines() {
        let Some((number, rest)) = line
            .strip_prefix('#')
            .and_then(|line| line.split_once(' '))
            .and_then(|(number, rest)| Some((number.parse().ok()?, rest)))
        else {
            continue;
        };
        let is_step = rest.starts_with('[') && !rest.starts_with("[internal]");
        if is_step && !rest.contains("] FROM ") {
            names.entry(number).or_insert_with(|| Step {
                name: rest.to_owned(),
                cached: false,
            });
        } else if rest == "CACHED"
            && let Some(step) = names.get_mut(&number)
        {
            step.cached = true;
        }
    }
    names.into_values().collect()
}

fn rebuilt(steps: &[Step]) -> Vec<String> {
    let ran = steps.iter().filter(|step| !step.cached);
    ran.map(|step| step.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#7 [python 1/1] FROM docker.io/library/python:3.11
#7 DONE 0.1s

#9 [system 1/4] COPY docker/build/install-packages.sh /usr/local/lib/
#9 CACHED

#36 [binaries 2/2] RUN with-network compile --install /binaries
#36 0.5 CACHED is a word of the program's
#36 ...

#36 [binaries 2/2] RUN with-network compile --install /binaries
#36 DONE 60.1s

#40 exporting to image
#40 DONE 0.1s
";

    #[test]
    fn what_ran_is_told_from_what_was_there() {
        let steps = steps(LOG);
        assert_eq!(steps.len(), 2);
        assert!(steps[0].cached);
        let rebuilt = rebuilt(&steps);
        assert_eq!(
            rebuilt,
            ["[binaries 2/2] RUN with-network compile --install /binaries"]
        );
        assert!(check_changed(&rebuilt).is_ok());
    }

    #[test]
    fn a_step_of_the_environment_must_not_run_for_a_source() {
        let ran = ["[binaries 2/2] RUN a", "[suite 5/5] RUN b"].map(str::to_owned);
        assert!(check_changed(&ran).is_err());
        assert!(check_changed(&[]).is_err());
    }
}
