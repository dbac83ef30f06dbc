//! The files that `config init` and `profile create` write.

use super::folder::LayerName;
use super::key::Key;
use super::text::scalar;
use crate::GithubRepository;

/// A new `config.yaml`: every key with its documented value, and what to fill in.
pub const CONFIG_TEMPLATE: &str = include_str!("templates/config.yaml");

/// A new `secrets.yaml`.
pub const SECRETS_TEMPLATE: &str = include_str!("templates/secrets.yaml");

/// A new environment's file: examples, all of them comments.
#[must_use]
pub fn environment_template(name: &LayerName) -> String {
    let remark = if *name == LayerName::default() {
        ", or where none is named"
    } else {
        ""
    };
    include_str!("templates/environment.yaml")
        .replace("{remark}", remark)
        .replace("{name}", name.as_str())
}

/// A new profile's file, with resources of stage B where `resources` says so.
#[must_use]
pub fn profile_template(
    name: &LayerName,
    description: &str,
    forecast_repo: &GithubRepository,
    resources: bool,
) -> String {
    let mut text = include_str!("templates/profile.yaml").to_owned();
    if resources {
        text.push_str(include_str!("templates/resources.yaml"));
    }
    // Any key of text quotes as these have to be.
    let quoted = |value: &str| match Key::find("github.forecast_repo") {
        Some(key) => scalar(key, value, false),
        None => value.to_owned(),
    };
    // The description last: it may hold anything.
    text.replace("{forecast_repo}", forecast_repo.as_str())
        .replace(
            "  name: {name}",
            &format!("  name: {}", quoted(name.as_str())),
        )
        .replace("{name}", name.as_str())
        .replace("{description}", &quoted(description))
}
