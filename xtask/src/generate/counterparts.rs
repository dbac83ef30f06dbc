//! What jobs count on elsewhere: the image's scripts that they start, the variables that stages read,
//! and the Compose file's services, which are the same stages.

use std::path::PathBuf;

use epycloud_config::{Group, Stage, variables};
use serde_json::Value;

use super::{job, read};
use crate::failure::Failure;

/// What a job counts on and isn't so, a line each.
pub(super) fn problems() -> Result<Vec<String>, Failure> {
    let compose = PathBuf::from("docker/docker-compose.yml");
    let composed: Value =
        serde_saphyr::from_str(&read(&compose)?).map_err(|error| Failure::Output {
            command: compose.display().to_string(),
            reason: error.to_string(),
        })?;
    let mut problems = Vec::new();
    for (stage, job) in [
        (Stage::Builder, job::builder()?),
        (Stage::Runner, job::runners()?),
        (Stage::Output, job::output()?),
    ] {
        let task = &job["taskGroups"][0]["taskSpec"];
        problems.extend(problem_of_script(stage, task)?);
        problems.extend(problems_of_variables(stage, task));
        let service = &composed["services"][stage.as_str()];
        if service["environment"]["STAGE"] != stage.as_str() {
            problems.push(format!("{}: no service `{stage}`", compose.display()));
        }
    }
    Ok(problems)
}

/// A job starts a script of the image, which says the stage.
fn problem_of_script(stage: Stage, task: &Value) -> Result<Option<String>, Failure> {
    let command = &task["runnables"][0]["container"]["commands"][0];
    let command = command.as_str().unwrap_or_default();
    let path = PathBuf::from(format!("docker{command}"));
    let starts = read(&path)?.contains(&format!("STAGE={stage} exec "));
    Ok((!starts).then(|| {
        let path = path.display();
        format!("{path} doesn't start stage `{stage}`, whose jobs run `{command}`")
    }))
}

fn problems_of_variables(stage: Stage, task: &Value) -> Vec<String> {
    let is_read = |name: &str| {
        let mut read = variables().iter();
        read.any(|variable| variable.name == name && variable.group == Group::Stage)
    };
    let set = task["environment"]["variables"].as_object();
    set.into_iter()
        .flat_map(|set| set.keys())
        .filter(|name| !is_read(name))
        .map(|name| format!("jobs of stage `{stage}` set `{name}`, which no stage reads"))
        .collect()
}
