//! What a container of a run sees: folders, variables, limits.

use std::path::{Path, PathBuf};

use epycloud_config::{Environment, RuntimeSettings};

use super::passed;

/// Where a container has the run's folder.
const DATA: &str = "/data";
/// A folder of this machine in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    source: PathBuf,
    target: &'static str,
    read_only: bool,
}

/// What containers of a run see.
#[derive(Debug)]
pub(super) struct Place {
    mounts: Vec<Mount>,
    /// Variables whose values are different in a container.
    replaced: Vec<(&'static str, String)>,
    user: Vec<String>,
    memory_mib: Option<u64>,
}

impl Place {
    pub(super) fn new(
        settings: &RuntimeSettings,
        user: Vec<String>,
        memory_mib: Option<u64>,
    ) -> Self {
        let data = &settings.local_data_path.value;
        let mut mounts = vec![Mount {
            source: data.clone(),
            target: DATA,
            read_only: false,
        }];
        let mut replaced = vec![
            ("LOCAL_DATA_PATH", DATA.to_owned()),
            // The image's default is another.
            ("EPYCLOUD_ENGINE", settings.engine.value.to_string()),
        ];
        let folders = [
            (
                "FORECAST_REPO_DIR",
                Some(&settings.forecast_repo_dir.value),
                "/forecast",
            ),
            (
                "EPYCLOUD_POPULATION_DATA",
                settings.population_data.as_ref().map(|path| &path.value),
                "/population-data",
            ),
            (
                "EPYCLOUD_DATA_TABLES",
                settings.data_tables.as_ref().map(|path| &path.value),
                "/data-tables",
            ),
        ];
        for (name, path, target) in folders {
            if let Some(path) = path {
                replaced.push((name, seen(path, data, target, &mut mounts)));
            }
        }
        Self {
            mounts,
            replaced,
            user,
            memory_mib,
        }
    }

    /// The environment of the client that starts a container, from which the container's is taken.
    pub(super) fn environment(&self, environment: Environment) -> Environment {
        self.replaced
            .iter()
            .fold(environment, |environment, (name, value)| {
                environment.with(*name, value.clone())
            })
    }

    /// The client's arguments, but for the container's name and its image.
    pub(super) fn arguments(&self, environment: &Environment) -> Vec<String> {
        // When the machine runs out of memory, a worker is ended rather than the orchestrator.
        let mut arguments = vec!["--oom-score-adj=500".to_owned()];
        arguments.extend(self.user.iter().cloned());
        if let Some(mib) = self.memory_mib {
            arguments.push(format!("--memory={mib}m"));
            // No more by way of swap.
            arguments.push(format!("--memory-swap={mib}m"));
        }
        arguments.extend(self.mounts.iter().map(Mount::argument));
        arguments.extend(passed(environment).map(|name| format!("--env={name}")));
        arguments
    }
}

/// Where a container sees a folder: in `data`, or mounted to be read.
fn seen(path: &Path, data: &Path, target: &'static str, mounts: &mut Vec<Mount>) -> String {
    if let Ok(inside) = path.strip_prefix(data) {
        return Path::new(DATA).join(inside).to_string_lossy().into_owned();
    }
    mounts.push(Mount {
        source: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        target,
        read_only: true,
    });
    target.to_owned()
}

impl Mount {
    /// `--mount`'s value is a line of CSV: a path may hold a comma.
    fn argument(&self) -> String {
        let source = format!("source={}", self.source.display());
        let source = if source.contains([',', '"']) {
            format!("\"{}\"", source.replace('"', "\"\""))
        } else {
            source
        };
        let read_only = if self.read_only { ",readonly" } else { "" };
        format!(
            "--mount=type=bind,{source},target={}{read_only}",
            self.target
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pairs: &[(&str, &str)]) -> (Place, Environment) {
        let environment = Environment::from_pairs(pairs.iter().copied());
        let settings = RuntimeSettings::from_environment(&environment).unwrap();
        let place = Place::new(&settings, vec!["--user=1:2".to_owned()], Some(512));
        let environment = place.environment(environment);
        (place, environment)
    }

    #[test]
    fn variables_are_passed_by_name_and_folders_where_a_container_sees_them() {
        let (place, environment) = place(&[
            ("EXECUTION_MODE", "local"),
            ("EXP_ID", "flu"),
            ("GITHUB_PAT", "hunter2"),
            ("TASK_INDEX", "3"),
            ("PATH", "/bin"),
            ("EPYCLOUD_PYTHON", "/here/python"),
            ("LOCAL_DATA_PATH", "/srv/project/local"),
            ("FORECAST_REPO_DIR", "/srv/project"),
            (
                "EPYCLOUD_POPULATION_DATA",
                "/srv/project/local/forecast/data",
            ),
        ]);
        assert_eq!(
            place.arguments(&environment),
            [
                "--oom-score-adj=500",
                "--user=1:2",
                "--memory=512m",
                "--memory-swap=512m",
                "--mount=type=bind,source=/srv/project/local,target=/data",
                "--mount=type=bind,source=/srv/project,target=/forecast,readonly",
                "--env=EXECUTION_MODE",
                "--env=EXP_ID",
                "--env=GITHUB_PAT",
                "--env=FORECAST_REPO_DIR",
                "--env=LOCAL_DATA_PATH",
                "--env=EPYCLOUD_ENGINE",
                "--env=EPYCLOUD_POPULATION_DATA",
            ]
        );
        let get = |name| environment.get(name).unwrap_or_default().to_owned();
        assert_eq!(get("LOCAL_DATA_PATH"), "/data");
        assert_eq!(get("FORECAST_REPO_DIR"), "/forecast");
        assert_eq!(get("EPYCLOUD_POPULATION_DATA"), "/data/forecast/data");
        assert_eq!(get("EPYCLOUD_ENGINE"), "native");
    }

    #[test]
    fn a_path_may_hold_a_comma() {
        let mount = Mount {
            source: "/a,b".into(),
            target: DATA,
            read_only: false,
        };
        assert_eq!(
            mount.argument(),
            "--mount=type=bind,\"source=/a,b\",target=/data"
        );
    }
}
