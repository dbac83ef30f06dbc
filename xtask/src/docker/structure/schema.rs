//! The file of tests, version 2.0.0 of its schema.

use std::path::Path;

use serde::Deserialize;

use crate::failure::Failure;

const VERSION: &str = "2.0.0";

/// A file of tests.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Tests {
    schema_version: String,
    #[serde(default)]
    pub(super) global_env_vars: Vec<Variable>,
    #[serde(default)]
    pub(super) command_tests: Vec<CommandTest>,
    #[serde(default)]
    pub(super) file_existence_tests: Vec<ExistenceTest>,
    #[serde(default)]
    pub(super) file_content_tests: Vec<ContentTest>,
    #[serde(default)]
    pub(super) metadata_test: Option<MetadataTest>,
    #[serde(default)]
    pub(super) container_run_options: RunOptions,
}

/// A name and a value, which can be a pattern in metadata tests.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Variable {
    pub(super) key: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) is_regex: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RunOptions {
    #[serde(default)]
    pub(super) user: Option<String>,
    #[serde(default)]
    pub(super) privileged: bool,
    #[serde(default)]
    pub(super) env_vars: Vec<String>,
    #[serde(default)]
    pub(super) env_file: Option<String>,
    #[serde(default)]
    pub(super) capabilities: Vec<String>,
    #[serde(default)]
    pub(super) bind_mounts: Vec<String>,
}

/// A command that is run in the image, without its entry point.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CommandTest {
    pub(super) name: String,
    #[serde(default)]
    pub(super) setup: Vec<Vec<String>>,
    #[serde(default)]
    pub(super) teardown: Vec<Vec<String>>,
    pub(super) command: String,
    #[serde(default)]
    pub(super) args: Vec<String>,
    #[serde(default)]
    pub(super) env_vars: Vec<Variable>,
    #[serde(default)]
    pub(super) expected_output: Vec<String>,
    #[serde(default)]
    pub(super) excluded_output: Vec<String>,
    #[serde(default)]
    pub(super) expected_error: Vec<String>,
    #[serde(default)]
    pub(super) excluded_error: Vec<String>,
    #[serde(default)]
    pub(super) exit_code: i32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExistenceTest {
    pub(super) name: String,
    pub(super) path: String,
    #[serde(default = "yes")]
    pub(super) should_exist: bool,
    /// As `ls -l` shows them.
    #[serde(default)]
    pub(super) permissions: Option<String>,
    #[serde(default)]
    pub(super) uid: Option<u64>,
    #[serde(default)]
    pub(super) gid: Option<u64>,
    #[serde(default)]
    pub(super) is_executable_by: Option<Executor>,
}

/// Who is to be able to execute a file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Executor {
    Owner,
    Group,
    Other,
    Any,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContentTest {
    pub(super) name: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) expected_contents: Vec<String>,
    #[serde(default)]
    pub(super) excluded_contents: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MetadataTest {
    #[serde(default, alias = "env")]
    pub(super) env_vars: Vec<Variable>,
    #[serde(default)]
    pub(super) unbound_env_vars: Vec<String>,
    #[serde(default)]
    pub(super) labels: Vec<Variable>,
    #[serde(default)]
    pub(super) exposed_ports: Vec<String>,
    #[serde(default)]
    pub(super) unexposed_ports: Vec<String>,
    #[serde(default)]
    pub(super) volumes: Vec<String>,
    #[serde(default)]
    pub(super) unmounted_volumes: Vec<String>,
    #[serde(default)]
    pub(super) entrypoint: Option<Vec<String>>,
    #[serde(default)]
    pub(super) cmd: Option<Vec<String>>,
    #[serde(default)]
    pub(super) workdir: Option<String>,
    #[serde(default)]
    pub(super) user: Option<String>,
}

fn yes() -> bool {
    true
}

impl Tests {
    /// Reads a file of tests.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|source| Failure::File {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
            .map_err(|reason| Failure::unmet(format!("`{}`: {reason}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let tests: Self = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        if tests.schema_version == VERSION {
            Ok(tests)
        } else {
            Err(format!(
                "schema `{}` isn't known; {VERSION} is",
                tests.schema_version
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_images_own_tests_are_read() {
        let text = include_str!("../../../../docker/container-structure-test.yaml");
        let tests = Tests::parse(text).unwrap();
        assert!(tests.command_tests.len() > 5);
        assert!(tests.metadata_test.is_some());
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for text in [
            "schemaVersion: 1.0.0\n",
            "schemaVersion: 2.0.0\nlicenseTests: []\n",
            "schemaVersion: 2.0.0\ncommandTests: [{name: a, command: b, expectedOutputs: [c]}]\n",
        ] {
            assert!(Tests::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn defaults_are_the_schemas() {
        let tests = Tests::parse(
            "schemaVersion: '2.0.0'\ncommandTests:\n- {name: a, command: b}\nfileExistenceTests:\n- \
             {name: c, path: /d, isExecutableBy: any}\n",
        )
        .unwrap();
        assert_eq!(tests.command_tests[0].exit_code, 0);
        assert!(tests.file_existence_tests[0].should_exist);
    }
}
