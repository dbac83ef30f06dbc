//! Whose the files of a run are.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::project::{Experiment, Project, RUN_ID};
use crate::failure::Failure;
use crate::process::{run as run_shown, say};
use epycloud_images::Engine;

/// Users that the image doesn't know.
const OWNER: (u32, u32) = (4321, 4322);

/// A container that starts as root writes as the owner of the data, one that is given a number as
/// that user, and one that is told to stay root does.
pub(super) fn run(engine: &Engine, image: &str) -> Result<(), Failure> {
    let by_number = format!("{}:{}", OWNER.0, OWNER.1);
    let number = by_number.as_str();
    for (what, options, expected) in [
        ("started as root", &[][..], OWNER),
        ("docker run --user", &["--user", number], OWNER),
        (
            "EPYCLOUD_RUN_AS=UID:GID",
            &["--env", "EPYCLOUD_RUN_AS=4321:4322"],
            OWNER,
        ),
        (
            "EPYCLOUD_RUN_AS=as-started",
            &["--env", "EPYCLOUD_RUN_AS=as-started"],
            (0, 0),
        ),
    ] {
        let experiment = Experiment::native();
        let project = Project::new(&experiment)?;
        if !give_away(&project.data())? {
            say("skipped: whose files are whose (only root can give a folder to another user)");
            return Ok(());
        }
        run_shown(
            engine
                .command()
                .args(["run", "--rm", "--volume"])
                .arg(format!("{}:/data", project.data().display()))
                .args(options)
                .args(["--env", "STAGE=builder", "--env", "EXECUTION_MODE=local"])
                .args([
                    "--env",
                    "EPYCLOUD_ENGINE=native",
                    "--env",
                    "LOG_LEVEL=WARNING",
                ])
                .args(["--env", "EXP_ID=quickstart", "--env"])
                .args([&format!("RUN_ID={RUN_ID}"), image])
                .stdout(Stdio::null()),
        )?;
        for path in written(&project.run(&experiment))? {
            let metadata = path.metadata().map_err(|source| Failure::File {
                path: path.clone(),
                source,
            })?;
            let owner = (metadata.uid(), metadata.gid());
            if owner != expected {
                return Err(Failure::unmet(format!(
                    "{what}: `{}` belongs to {owner:?}; expected {expected:?}",
                    path.display()
                )));
            }
        }
        say(&format!("users: {what}: files belong to {expected:?}"));
    }
    Ok(())
}

/// Gives the data to a user that the image doesn't know, if this process may.
fn give_away(data: &Path) -> Result<bool, Failure> {
    for path in [data.to_owned(), data.join("bucket"), data.join("forecast")] {
        match chown(&path, Some(OWNER.0), Some(OWNER.1)) {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Ok(false),
            Err(source) => return Err(Failure::File { path, source }),
            Ok(()) => {}
        }
    }
    // The folder around it is its maker's alone.
    if let Some(parent) = data.parent() {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(parent, std::fs::Permissions::from_mode(0o755)).map_err(
            |source| Failure::File {
                path: parent.to_owned(),
                source,
            },
        )?;
    }
    Ok(true)
}

/// Everything in a folder, itself included.
fn written(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            paths.extend(written(&path)?);
        } else {
            paths.push(path);
        }
    }
    Ok(paths)
}
