//! Dependencies point one way: the table of ARCHITECTURE.md, enforced.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::failure::Failure;
use crate::process::{capture, cargo};

/// Which of our crates a crate may depend on outside its tests. A crate that isn't here fails the
/// check, so that a new one gets a place first.
const LAYERS: &[(&str, &[&str])] = &[
    ("epycloud-errors", &[]),
    ("epycloud-kernel", &[]),
    ("epycloud-config", &["errors"]),
    ("epycloud-images", &["config", "errors"]),
    ("epycloud-logging", &["config", "errors"]),
    ("epycloud-storage", &["config", "errors"]),
    ("epycloud-repository", &["storage", "config", "errors"]),
    ("epycloud-google", &["config", "errors"]),
    ("epycloud-engine", &["config", "errors", "kernel"]),
    (
        "epycloud-stages",
        &[
            "engine",
            "repository",
            "storage",
            "logging",
            "config",
            "errors",
        ],
    ),
    (
        "epycloud-orchestrator",
        &["stages", "storage", "google", "config", "errors"],
    ),
    (
        "epycloud-report",
        &[
            "orchestrator",
            "stages",
            "storage",
            "google",
            "config",
            "errors",
        ],
    ),
    (
        "epycloud-dispatcher",
        &["stages", "storage", "logging", "config", "errors"],
    ),
    (
        "epycloud-cli",
        &[
            "images",
            "report",
            "orchestrator",
            "stages",
            "repository",
            "engine",
            "storage",
            "google",
            "logging",
            "config",
            "errors",
        ],
    ),
];

/// Packages that are never shipped and may use everything.
const DEVELOPMENT: &[&str] = &[
    "epycloud-test-support",
    "epycloud-tests",
    "epycloud-bench",
    "epycloud-run-report",
    "xtask",
];

/// Packages from elsewhere that a layer must not see, and why.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "epycloud-kernel",
        &["tokio", "object_store", "serde", "pyo3"],
        "plain numbers in and out",
    ),
    (
        "epycloud-errors",
        &["tokio", "object_store", "pyo3"],
        "the bottom of the stack",
    ),
    (
        "epycloud-engine",
        &["tokio", "object_store", "pyo3"],
        "no I/O but files it is told of",
    ),
    (
        "epycloud-dispatcher",
        &["indicatif", "comfy-table"],
        "the container's entry point is small",
    ),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// Compares the workspace's dependencies with the table.
pub(super) fn check() -> Result<Vec<String>, Failure> {
    let text = capture(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&text).map_err(|error| Failure::Output {
        command: "cargo metadata".into(),
        reason: error.to_string(),
    })?;
    let allowed: BTreeMap<&str, BTreeSet<String>> = LAYERS
        .iter()
        .map(|(name, below)| {
            (
                *name,
                below
                    .iter()
                    .map(|name| format!("epycloud-{name}"))
                    .collect(),
            )
        })
        .collect();
    Ok(metadata
        .packages
        .iter()
        .flat_map(|package| problems_of(package, &allowed))
        .collect())
}

fn problems_of(package: &Package, allowed: &BTreeMap<&str, BTreeSet<String>>) -> Vec<String> {
    if DEVELOPMENT.contains(&package.name.as_str()) {
        return Vec::new();
    }
    let Some(below) = allowed.get(package.name.as_str()) else {
        return vec![format!(
            "`{}` has no place in the table of layers (xtask/src/tidy/layers.rs)",
            package.name
        )];
    };
    let dependencies: Vec<&str> = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
        .map(|dependency| dependency.name.as_str())
        .collect();
    let mut problems: Vec<String> = dependencies
        .iter()
        .filter(|name| name.starts_with("epycloud-") && !below.contains(**name))
        .map(|name| format!("`{}` must not depend on `{name}`", package.name))
        .collect();
    for (_, forbidden, reason) in FORBIDDEN.iter().filter(|(name, ..)| *name == package.name) {
        problems.extend(
            dependencies
                .iter()
                .filter(|name| forbidden.contains(*name))
                .map(|name| format!("`{}` must not depend on `{name}`: {reason}", package.name)),
        );
    }
    problems
}
