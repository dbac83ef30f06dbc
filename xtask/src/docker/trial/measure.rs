//! What an image costs: time to start, and layers.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::docker::names::BaseImages;
use crate::failure::Failure;
use crate::process::{capture, say};
use epycloud_images::Engine;

/// How often a start is measured.
const STARTS: usize = 7;
/// How much later than an empty container a stage may be at its own work.
const LATEST: Duration = Duration::from_millis(150);
/// How much our layers may add to the Python base, its tools and the venv, in bytes.
const LARGEST: u64 = 40_000_000;

/// Times a container whose stage reads its settings, starts, and finds nothing to do, beside one
/// that does nothing at all.
pub(super) fn start(engine: &Engine, image: &str) -> Result<(), Failure> {
    let empty = ["--entrypoint", "/bin/true", image];
    let stage = [
        "--env",
        "EXECUTION_MODE=local",
        "--env",
        "STAGE=builder",
        "--env",
        "EXP_ID=none",
        "--env",
        "EPYCLOUD_ENGINE=native",
        image,
    ];
    let (mut empties, mut stages) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        empties.push(time(engine, &empty, 0)?);
        stages.push(time(engine, &stage, 2)?);
    }
    // The least of them: everything else that the machine does only adds.
    let (empty, stage) = (least(&empties), least(&stages));
    let more = stage.saturating_sub(empty);
    say(&format!(
        "start: {} ms, an empty container {} ms: {} ms more (at most {})",
        stage.as_millis(),
        empty.as_millis(),
        more.as_millis(),
        LATEST.as_millis()
    ));
    if more > LATEST {
        return Err(Failure::unmet("the container takes too long to start"));
    }
    Ok(())
}

fn time(engine: &Engine, arguments: &[&str], code: i32) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let status = engine
        .command()
        .args(["run", "--rm"])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|source| Failure::Start {
            program: "docker run".into(),
            source,
        })?;
    if status.code() == Some(code) {
        Ok(begun.elapsed())
    } else {
        Err(Failure::unmet(format!(
            "docker run {} ended with {status}; expected {code}",
            arguments.join(" ")
        )))
    }
}

fn least(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

/// A layer of an image.
struct Layer {
    bytes: u64,
    made_by: String,
}

/// What each part of the image adds.
pub(super) fn sizes(engine: &Engine, image: &str) -> Result<(), Failure> {
    let base = layers(engine, &BaseImages::read()?.python)?.len();
    let all = layers(engine, image)?;
    // The history begins with the last layer.
    let ours = &all[..all.len().saturating_sub(base)];
    let (mut added, mut gcloud) = (0, 0);
    for layer in ours.iter().rev().filter(|layer| layer.bytes > 0) {
        let part = part(&layer.made_by);
        match part {
            "the suite's venv" | "uv" => {}
            "the gcloud CLI" => gcloud += layer.bytes,
            _ => added += layer.bytes,
        }
        say(&format!(
            "size: {:>9} kB  {part}",
            layer.bytes.div_ceil(1000)
        ));
    }
    let total: u64 = all.iter().map(|layer| layer.bytes).sum();
    say(&format!(
        "size: {} MB in all; {} MB more than the Python base, uv, {}the venv (at most {})",
        total.div_ceil(1_000_000),
        added.div_ceil(1_000_000),
        if gcloud > 0 { "gcloud, " } else { "" },
        LARGEST / 1_000_000
    ));
    if added > LARGEST {
        return Err(Failure::unmet("our layers are too large"));
    }
    Ok(())
}

fn layers(engine: &Engine, image: &str) -> Result<Vec<Layer>, Failure> {
    let text = capture(engine.command().args([
        "history",
        "--no-trunc",
        "--human=false",
        "--format",
        "{{.Size}}\t{{.CreatedBy}}",
        image,
    ]))?;
    text.lines()
        .map(|line| {
            let (size, made_by) = line.split_once('\t').unwrap_or((line, ""));
            let bytes = size.parse().map_err(|_| Failure::Output {
                command: format!("docker history {image}"),
                reason: format!("`{size}` is no size"),
            })?;
            Ok(Layer {
                bytes,
                made_by: made_by.to_owned(),
            })
        })
        .collect()
}

/// What a layer holds, by the step that made it.
fn part(made_by: &str) -> &'static str {
    const PARTS: [(&str, &str); 8] = [
        (
            "install-packages.sh ca-certificates",
            "git, curl, certificates",
        ),
        ("COPY /uv /uvx", "uv"),
        ("COPY /opt/epymodelingsuite", "the suite's venv"),
        ("prepare-runtime.sh #", "user, compiled standard library"),
        (
            "RUN /bin/sh -c sh /usr/local/lib/epycloud/build/prepare",
            "user, compiled standard library",
        ),
        ("COPY /binaries/", "the programs"),
        ("COPY docker/scripts/", "entry points"),
        ("COPY /usr/lib/google-cloud-sdk", "the gcloud CLI"),
    ];
    PARTS
        .iter()
        .find(|(step, _)| made_by.contains(step))
        .map_or("lists and build steps", |(_, part)| part)
}
