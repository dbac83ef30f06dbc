//! Files stay small, finished and about the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::process::capture;
use crate::workspace;

/// The most lines a Rust file may have.
const MAX_LINES: usize = 600;

/// Words that mark something unfinished, split so that this file doesn't find itself.
const LEFTOVERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

/// File names without a content of their own.
const NAMELESS: &[&str] = &["utils.rs", "util.rs", "helpers.rs", "misc.rs", "common.rs"];

/// Reads every tracked text file once.
pub(super) fn check() -> Result<Vec<String>, Failure> {
    let list = capture(
        Command::new("git")
            .args(["ls-files", "-z"])
            .current_dir(workspace::root()),
    )?;
    let mut problems = Vec::new();
    for name in list.split('\0').filter(|name| !name.is_empty()) {
        let path = workspace::root().join(name);
        let Some(text) = read_text(&path)? else {
            continue;
        };
        problems.extend(problems_of(Path::new(name), &text));
    }
    Ok(problems)
}

/// The text of a file, or `None` for one that is binary or was just deleted.
fn read_text(path: &PathBuf) -> Result<Option<String>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Failure::File {
            path: path.clone(),
            source,
        }),
    }
}

fn problems_of(name: &Path, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_rust = name.extension().is_some_and(|extension| extension == "rs");
    let lines = text.lines().count();
    if is_rust && lines > MAX_LINES {
        problems.push(format!(
            "{}: {lines} lines; at most {MAX_LINES}",
            name.display()
        ));
    }
    if NAMELESS.iter().any(|nameless| name.ends_with(nameless)) {
        problems.push(format!("{}: name it after what it does", name.display()));
    }
    if is_rust && !text.trim_start().starts_with("//!") && is_module(name) {
        problems.push(format!(
            "{}: starts without saying its job (`//!`)",
            name.display()
        ));
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(word) = LEFTOVERS.iter().find(|word| line.contains(*word)) {
            problems.push(format!("{}:{}: `{word}`", name.display(), number + 1));
        }
        if line.contains(concat!("/ro", "ot/")) || line.contains(concat!("/ho", "me/")) {
            problems.push(format!(
                "{}:{}: a path of somebody's machine",
                name.display(),
                number + 1
            ));
        }
    }
    problems
}

fn is_module(name: &Path) -> bool {
    !name.components().any(|part| part.as_os_str() == "recorded")
}
