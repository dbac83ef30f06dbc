//! The user's editor.

use std::path::Path;
use std::process::Command;

use epycloud_config::Environment;

use crate::user_file_error::UserFileError;

/// What is looked for on `PATH` where no variable names an editor.
const KNOWN: [&str; 4] = ["vim", "vi", "nano", "notepad"];

/// Opens a file in `VISUAL`, `EDITOR` or an editor that is there, and waits until it is closed.
pub(crate) fn open(file: &Path, caller: &Environment) -> Result<(), UserFileError> {
    let editor =
        named(caller)
            .or_else(|| on_path(caller))
            .ok_or_else(|| UserFileError::NoEditor {
                file: file.to_owned(),
            })?;
    let status = command(&editor, file)
        .status()
        .map_err(|source| UserFileError::Start {
            program: editor.clone(),
            source,
        })?;
    if status.success() {
        Ok(())
    } else {
        Err(UserFileError::Ended {
            program: editor,
            status,
        })
    }
}

/// The editor that would open a file.
fn named(caller: &Environment) -> Option<String> {
    ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| caller.get(name))
        .map(str::to_owned)
}

fn on_path(caller: &Environment) -> Option<String> {
    let folders: Vec<_> = std::env::split_paths(caller.get("PATH")?).collect();
    let there = |name: &str| folders.iter().any(|folder| folder.join(name).is_file());
    KNOWN
        .into_iter()
        .find(|name| there(name))
        .map(str::to_owned)
}

/// An editor's command may have options (`code --wait`): a shell reads it, as git has it.
#[cfg(unix)]
fn command(editor: &str, file: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{editor} \"$@\""), editor])
        .arg(file);
    command
}

#[cfg(not(unix))]
fn command(editor: &str, file: &Path) -> Command {
    let mut parts = editor.split_whitespace();
    let mut command = Command::new(parts.next().unwrap_or(editor));
    command.args(parts).arg(file);
    command
}
