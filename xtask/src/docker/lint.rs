//! `cargo xtask docker-lint`: what can be checked without a Docker daemon.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::oracle;
use crate::process::{run as run_shown, say};
use crate::workspace;

/// Reads a Python file without running it.
const PARSE: &str = "import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]";

/// Checks the Dockerfiles, the scripts, the Compose file and the Cloud Build file.
pub(crate) fn run() -> Result<(), Failure> {
    let Some(python) = oracle::set_up()? else {
        say("skipped: the linters come from PyPI, and there is no Python environment");
        return Ok(());
    };
    let tools = python.parent().unwrap_or_else(|| Path::new("."));
    let folder = workspace::root();
    let docker = folder.join("docker");
    let check = |tool: &str, options: &[&str], files: &[PathBuf]| {
        let mut command = Command::new(tools.join(tool));
        command.current_dir(folder).args(options);
        let names = files
            .iter()
            .map(|file| file.strip_prefix(folder).unwrap_or(file));
        run_shown(command.args(names))
    };
    let dockerfiles = [docker.join("Dockerfile"), docker.join("suite.Dockerfile")];
    check("hadolint", &[], &dockerfiles)?;
    let mut scripts = files(&docker.join("build"), "sh")?;
    scripts.extend(files(&docker.join("scripts"), "sh")?);
    check("shellcheck", &["--external-sources"], &scripts)?;
    check(
        "python",
        &["-c", PARSE],
        &files(&docker.join("scripts"), "py")?,
    )?;
    check(
        "check-jsonschema",
        &["--builtin-schema", "vendor.compose-spec"],
        &[docker.join("docker-compose.yml")],
    )?;
    check(
        "check-jsonschema",
        &["--builtin-schema", "vendor.cloudbuild"],
        &[folder.join("deploy/cloudbuild.yaml")],
    )
}

/// The files of a folder with this ending, sorted; none at all is an error.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::File {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(Failure::missing(format!(
            "no .{ending} file in `{}`",
            folder.display()
        )));
    }
    Ok(found)
}
