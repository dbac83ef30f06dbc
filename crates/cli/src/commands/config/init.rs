//! `epycloud config init`.

use std::path::PathBuf;

use epycloud_config::user::{
    CONFIG_TEMPLATE, ConfigFolder, LayerName, SECRETS_TEMPLATE, environment_template,
    profile_template,
};
use epycloud_errors::{ExitCode, Report};
use serde::Serialize;

use crate::context::Context;
use crate::whole_file::{Access, write};

/// The environments that the original's documentation has.
const ENVIRONMENTS: [&str; 4] = ["default", "dev", "prod", "local"];

/// The profile that is active at first, and where its experiments are.
const PROFILE: &str = "flu";
const FORECAST_REPO: &str = "mobs-lab/flu-forecast-epydemix";

/// Writes every file that isn't there yet.
pub(super) fn run(context: &Context) -> Result<ExitCode, Report> {
    let folder = context.folder()?;
    let printer = &context.printer;
    for (file, text, access) in files(&folder)? {
        let is_there = file.exists();
        if !is_there && !printer.dry_run {
            write(&file, &text, access)?;
        }
        let done = match (is_there, printer.dry_run) {
            (true, _) => "kept",
            (false, true) => "would write",
            (false, false) => "wrote",
        };
        if printer.json {
            printer.event(&Written {
                event: "file",
                path: file.display().to_string(),
                written: !is_there && !printer.dry_run,
            });
        }
        printer.say(&format!("{done} {}", file.display()));
    }
    printer.say("next, where runs in the cloud are meant:");
    printer.say("  epycloud config edit          your project and bucket");
    printer.say("  epycloud config edit-secrets  a token for private repositories");
    printer.say("  epycloud config validate      whether anything is missing");
    Ok(ExitCode::Done)
}

fn files(folder: &ConfigFolder) -> Result<Vec<(PathBuf, String, Access)>, Report> {
    let mut files = vec![(
        folder.config_file(),
        CONFIG_TEMPLATE.to_owned(),
        Access::AsBefore,
    )];
    for name in ENVIRONMENTS {
        let name: LayerName = name.parse()?;
        let text = environment_template(&name);
        files.push((folder.environment_file(&name), text, Access::AsBefore));
    }
    let profile: LayerName = PROFILE.parse()?;
    let text = profile_template(
        &profile,
        "Influenza forecasts",
        &FORECAST_REPO.parse()?,
        false,
    );
    let active = folder.active_profile_file();
    files.extend([
        (folder.profile_file(&profile), text, Access::AsBefore),
        (
            folder.secrets_file(),
            SECRETS_TEMPLATE.to_owned(),
            Access::Owner,
        ),
        (active, format!("{PROFILE}\n"), Access::AsBefore),
    ]);
    Ok(files)
}

#[derive(Serialize)]
struct Written {
    event: &'static str,
    path: String,
    written: bool,
}
