//! `epycloud terraform`: Terraform with the configuration's variables.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use epycloud_config::user::{Configuration, StageResources};
use epycloud_errors::{ExitCode, Report};
use serde::Serialize;

use crate::arguments::{Targets, Terraform, TerraformCommand};
use crate::context::Context;
use crate::printer::Printer;
use crate::program::{shown, status_of};
use crate::tool_error::ToolError;

/// Where a project has its Terraform files.
const FOLDERS: [&str; 2] = ["terraform", "deploy/terraform"];

pub(crate) fn run(terraform: &Terraform, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let configuration = context.configuration()?;
    if needs_project(&terraform.command) {
        configuration.project_id()?;
        configuration.bucket_name()?;
    }
    let folder = folder(
        terraform.terraform_dir.as_deref(),
        context.project_directory(),
    )?;
    let variables = variables(&configuration);
    let mut command = command(&terraform.command, printer.json);
    command.current_dir(&folder).envs(variables.iter().cloned());
    show(&command, &folder, &variables, &configuration, printer);
    if printer.dry_run {
        return Ok(ExitCode::Done);
    }
    if !agreed(&terraform.command, &configuration, printer)? {
        return Ok(ExitCode::Done);
    }
    execute(&mut command, &terraform.command)
}

const fn needs_project(command: &TerraformCommand) -> bool {
    !matches!(
        command,
        TerraformCommand::Init | TerraformCommand::Output { .. }
    )
}

fn folder(named: Option<&Path>, project: &Path) -> Result<PathBuf, ToolError> {
    if let Some(folder) = named {
        return if folder.is_dir() {
            Ok(folder.to_owned())
        } else {
            Err(ToolError::NoFolder {
                folder: folder.to_owned(),
            })
        };
    }
    FOLDERS
        .iter()
        .map(|folder| project.join(folder))
        .find(|folder| folder.is_dir())
        .ok_or_else(|| ToolError::NoTerraformFolder {
            project: project.to_owned(),
        })
}

/// Terraform's variables, in its files' names. None of them is a secret.
fn variables(configuration: &Configuration) -> Vec<(String, String)> {
    let values = configuration.values();
    let cloud = &values.google_cloud;
    let text = |value: Option<&str>| value.map(str::to_owned);
    let mut all = vec![
        (
            "project_id",
            text(cloud.project_id.as_ref().map(AsRef::as_ref)),
        ),
        ("region", Some(cloud.region.to_string())),
        (
            "bucket_name",
            text(cloud.bucket_name.as_ref().map(AsRef::as_ref)),
        ),
        ("repo_name", Some(values.docker.repo_name.to_string())),
        ("image_name", Some(values.docker.image_name.to_string())),
        ("image_tag", Some(values.docker.image_tag.to_string())),
        (
            "github_forecast_repo",
            text(values.github.forecast_repo.as_ref().map(AsRef::as_ref)),
        ),
        (
            "max_parallelism",
            Some(cloud.batch.max_parallelism.to_string()),
        ),
        (
            "task_count_per_node",
            Some(cloud.batch.task_count_per_node.to_string()),
        ),
        (
            "run_output_stage",
            Some(cloud.batch.run_output_stage.to_string()),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((format!("TF_VAR_{name}"), value?)))
    .collect::<Vec<_>>();
    for (stage, resources) in [
        ("a", &cloud.batch.stage_a),
        ("b", &cloud.batch.stage_b),
        ("c", &cloud.batch.stage_c),
    ] {
        all.extend(of_stage(stage, resources));
    }
    all
}

fn of_stage(stage: &str, resources: &StageResources) -> [(String, String); 4] {
    let machine = resources.machine_type.as_ref();
    [
        ("cpu_milli", resources.cpu_milli.to_string()),
        ("memory_mib", resources.memory_mib.to_string()),
        (
            "machine_type",
            machine.map(ToString::to_string).unwrap_or_default(),
        ),
        ("max_run_duration", resources.max_run_duration.to_string()),
    ]
    .map(|(name, value)| (format!("TF_VAR_stage_{stage}_{name}"), value))
}

fn command(asked: &TerraformCommand, json: bool) -> Command {
    let mut command = Command::new("terraform");
    match asked {
        TerraformCommand::Init => {
            command.arg("init");
        }
        TerraformCommand::Plan {
            targets,
            out,
            detailed_exitcode,
        } => {
            command.arg("plan");
            add_targets(&mut command, targets);
            if let Some(out) = out {
                // Terraform runs in its own folder; the file is meant from here.
                let out = std::path::absolute(out).unwrap_or_else(|_| out.clone());
                command.arg(format!("-out={}", out.display()));
            }
            if *detailed_exitcode {
                command.arg("-detailed-exitcode");
            }
        }
        TerraformCommand::Apply {
            targets,
            auto_approve,
        } => {
            command.arg("apply");
            add_targets(&mut command, targets);
            command.args(auto_approve.then_some("-auto-approve"));
        }
        TerraformCommand::Destroy {
            targets,
            auto_approve,
        } => {
            command.arg("destroy");
            add_targets(&mut command, targets);
            command.args(auto_approve.then_some("-auto-approve"));
        }
        TerraformCommand::Output { name } => {
            command.arg("output").args(json.then_some("-json"));
            // What looks like an option is a name all the same.
            command.args(name.iter().flat_map(|name| ["--", name]));
        }
    }
    command
}

fn add_targets(command: &mut Command, targets: &Targets) {
    command.args(
        targets
            .target
            .iter()
            .map(|target| format!("-target={target}")),
    );
}

fn show(
    command: &Command,
    folder: &Path,
    variables: &[(String, String)],
    configuration: &Configuration,
    printer: &Printer,
) {
    let would = if printer.dry_run {
        "Would run"
    } else {
        "Running"
    };
    printer.heading(&format!("{would} {}", shown(command)));
    printer.say(&format!(
        "  {:12} {}",
        "environment",
        configuration.inspection().environment()
    ));
    printer.say(&format!("  {:12} {}", "folder", folder.display()));
    if !printer.dry_run {
        return;
    }
    for (name, value) in variables {
        printer.say(&format!("  {name}={value}"));
    }
    if printer.json {
        printer.event(&Planned {
            event: "planned",
            command: shown(command),
            folder: folder.display().to_string(),
            variables: variables.iter().cloned().collect(),
        });
    }
}

#[derive(Serialize)]
struct Planned {
    event: &'static str,
    command: String,
    folder: String,
    variables: std::collections::BTreeMap<String, String>,
}

/// Whether what changes the cloud is meant. Terraform shows its plan and asks again.
fn agreed(
    asked: &TerraformCommand,
    configuration: &Configuration,
    printer: &Printer,
) -> Result<bool, Report> {
    let (name, what) = match asked {
        TerraformCommand::Apply {
            auto_approve: false,
            ..
        } => ("apply", "changes"),
        TerraformCommand::Destroy {
            auto_approve: false,
            ..
        } => ("destroy", "removes everything of"),
        _ => return Ok(true),
    };
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(ToolError::NobodyAgrees { command: name }.into());
    }
    printer.warning(&format!(
        "this {what} project `{}`, environment `{}`",
        configuration.project_id()?,
        configuration.inspection().environment()
    ));
    printer.ask("Go on? [y/N] ");
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    let goes_on = read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !goes_on {
        printer.say("nothing was changed");
    }
    Ok(goes_on)
}

fn execute(command: &mut Command, asked: &TerraformCommand) -> Result<ExitCode, Report> {
    let status = match status_of(command) {
        Err(ToolError::Start { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(ToolError::NoTerraform.into());
        }
        ended => ended?,
    };
    let is_detailed = matches!(
        asked,
        TerraformCommand::Plan {
            detailed_exitcode: true,
            ..
        }
    );
    match status.code() {
        Some(0) => Ok(ExitCode::Done),
        // Terraform's own meaning of 2, which scripts look for: something would change.
        Some(2) if is_detailed => Ok(ExitCode::Usage),
        _ => Err(ToolError::Failed {
            command: shown(command),
            status,
        }
        .into()),
    }
}
