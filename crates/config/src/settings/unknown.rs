//! Variables that look like ours and aren't.

use epycloud_errors::nearest;

use super::{Environment, variables};

const PREFIX: &str = "EPYCLOUD_";

/// A warning for each `EPYCLOUD_…` name that nothing reads. Names with `__` override configuration
/// keys and are left to their reader.
pub(crate) fn warnings(environment: &Environment) -> Vec<String> {
    let ours = || variables().iter().map(|variable| variable.name);
    environment
        .names()
        .filter(|name| name.starts_with(PREFIX) && !name.contains("__"))
        .filter(|name| ours().all(|known| known != *name))
        .map(|name| match suggestion(name) {
            Some(known) => {
                format!("environment variable `{name}` is not read; did you mean `{known}`?")
            }
            None => format!("environment variable `{name}` is not read"),
        })
        .collect()
}

/// The nearest known name; the shared prefix counts for nothing.
fn suggestion(name: &str) -> Option<&'static str> {
    let stem = |name: &'static str| name.strip_prefix(PREFIX).unwrap_or(name);
    let found = nearest(
        name.strip_prefix(PREFIX).unwrap_or(name),
        variables().iter().map(|variable| stem(variable.name)),
    )?;
    variables()
        .iter()
        .map(|variable| variable.name)
        .find(|known| stem(known) == found)
}
