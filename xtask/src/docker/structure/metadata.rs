//! What the image says of itself.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use super::Findings;
use super::schema::{MetadataTest, Tests, Variable};
use crate::failure::Failure;
use crate::process::capture;
use epycloud_images::Engine;

/// An image's configuration, as the engine shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    env: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    exposed_ports: Option<BTreeMap<String, serde_json::Value>>,
    volumes: Option<BTreeMap<String, serde_json::Value>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: String,
    user: String,
}

pub(super) fn run(
    engine: &Engine,
    image: &str,
    tests: &Tests,
) -> Result<Vec<(String, Findings)>, Failure> {
    let Some(test) = &tests.metadata_test else {
        return Ok(Vec::new());
    };
    let text = capture(engine.command().args([
        "image",
        "inspect",
        "--format",
        "{{json .Config}}",
        image,
    ]))?;
    let config: Config = serde_json::from_str(&text).map_err(|error| Failure::Output {
        command: format!("docker image inspect {image}"),
        reason: error.to_string(),
    })?;
    Ok(vec![("metadata".to_owned(), findings(test, &config))])
}

fn findings(test: &MetadataTest, config: &Config) -> Findings {
    let environment: BTreeMap<String, String> = config
        .env
        .iter()
        .flatten()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let labels = config.labels.clone().unwrap_or_default();
    let mut findings = Findings::new();
    findings.extend(values("environment", &test.env_vars, &environment));
    findings.extend(values("label", &test.labels, &labels));
    let keys = |map: &Option<BTreeMap<String, serde_json::Value>>| -> Vec<String> {
        map.iter().flat_map(BTreeMap::keys).cloned().collect()
    };
    let names: Vec<String> = environment.keys().cloned().collect();
    let ports: Vec<String> = keys(&config.exposed_ports)
        .iter()
        .map(|port| port.trim_end_matches("/tcp").to_owned())
        .collect();
    let volumes = keys(&config.volumes);
    findings.extend(members("environment", &[], &test.unbound_env_vars, &names));
    findings.extend(members(
        "ports",
        &test.exposed_ports,
        &test.unexposed_ports,
        &ports,
    ));
    findings.extend(members(
        "volumes",
        &test.volumes,
        &test.unmounted_volumes,
        &volumes,
    ));
    findings.extend(same(
        "entrypoint",
        test.entrypoint.as_ref(),
        &config.entrypoint.clone().unwrap_or_default(),
    ));
    findings.extend(same(
        "cmd",
        test.cmd.as_ref(),
        &config.cmd.clone().unwrap_or_default(),
    ));
    findings.extend(same("workdir", test.workdir.as_ref(), &config.working_dir));
    findings.extend(same("user", test.user.as_ref(), &config.user));
    findings
}

fn values(what: &str, expected: &[Variable], found: &BTreeMap<String, String>) -> Findings {
    let agrees = |variable: &Variable, value: &str| {
        if variable.is_regex {
            Regex::new(&variable.value).is_ok_and(|regex| regex.is_match(value))
        } else {
            variable.value == value
        }
    };
    expected
        .iter()
        .filter_map(|variable| match found.get(&variable.key) {
            Some(value) if agrees(variable, value) => None,
            Some(value) => Some(format!(
                "{what} `{}` is `{value}`; expected `{}`",
                variable.key, variable.value
            )),
            None => Some(format!("{what} `{}` is not set", variable.key)),
        })
        .collect()
}

fn members(what: &str, wanted: &[String], unwanted: &[String], found: &[String]) -> Findings {
    let missing = wanted
        .iter()
        .filter(|name| !found.contains(name))
        .map(|name| format!("{what}: `{name}` is missing"));
    let excess = unwanted
        .iter()
        .filter(|name| found.contains(name))
        .map(|name| format!("{what}: `{name}` is there"));
    missing.chain(excess).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: Option<&T>, found: &T) -> Findings {
    expected
        .filter(|expected| *expected != found)
        .map(|expected| format!("{what} is {found:?}; expected {expected:?}"))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_differs_is_found() {
        let config: Config = serde_json::from_str(
            r#"{"Env": ["A=1", "B=x2"], "Labels": null, "Entrypoint": ["/e"], "User": "",
                "ExposedPorts": {"80/tcp": {}}, "WorkingDir": "/app"}"#,
        )
        .unwrap();
        let test: MetadataTest = serde_json::from_str(
            r#"{"envVars": [{"key": "A", "value": "1"}, {"key": "B", "value": "^x", "isRegex": true}],
                "unboundEnvVars": ["C"], "exposedPorts": ["80"], "entrypoint": ["/e"],
                "workdir": "/app", "user": ""}"#,
        )
        .unwrap();
        assert_eq!(findings(&test, &config), Findings::new());
        let test: MetadataTest = serde_json::from_str(
            r#"{"env": [{"key": "A", "value": "2"}, {"key": "Z", "value": ""}], "unboundEnvVars": ["A"],
                "labels": [{"key": "l", "value": "v"}], "unexposedPorts": ["80"], "volumes": ["/v"],
                "entrypoint": [], "cmd": ["c"], "workdir": "/", "user": "me"}"#,
        )
        .unwrap();
        assert_eq!(findings(&test, &config).len(), 10);
    }
}
