//! `deploy/terraform/stages.tf.json`: the stages' resources as variables with the configuration's
//! defaults, under the names that `epycloud terraform` gives them, and the value that the workflow is
//! given of them.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{Generated, defaults};
use crate::failure::Failure;

const PATH: &str = "deploy/terraform/stages.tf.json";

pub(super) fn file() -> Result<Generated, Failure> {
    let batch = defaults::batch()?;
    let mut variables = Map::new();
    let mut variable = |name: &str, kind: &str, default: Value, description: &str| {
        let described = json!({ "type": kind, "default": default, "description": description });
        variables.insert(name.to_owned(), described);
        format!("${{var.{name}}}")
    };
    let mut stages = Map::new();
    for (letter, stage) in defaults::stages(&batch) {
        let machine_type = stage.machine_type.as_ref().map(ToString::to_string);
        let mut of_stage = |name: &str, kind: &str, default: Value, what: &str| {
            let name = format!("stage_{}_{name}", letter.to_ascii_lowercase());
            let description = format!("{what} of stage {letter} where a run doesn't say.");
            variable(&name, kind, default, &description)
        };
        let resources = json!({
            "cpuMilli": of_stage("cpu_milli", "number", json!(stage.cpu_milli), "Thousandths of a core"),
            "memoryMib": of_stage("memory_mib", "number", json!(stage.memory_mib), "Memory (MiB)"),
            "machineType": of_stage(
                "machine_type",
                "string",
                json!(machine_type.unwrap_or_default()),
                "Machine type (none: Batch chooses)",
            ),
            "maxRunSeconds": of_stage(
                "max_run_duration",
                "number",
                json!(stage.max_run_duration),
                "Longest time of a task (seconds)",
            ),
        });
        stages.insert(letter.to_owned(), resources);
    }
    let run_defaults = json!({
        "maxParallelism": variable(
            "max_parallelism",
            "number",
            json!(batch.max_parallelism),
            "Tasks of stage B at the same time where a run doesn't say.",
        ),
        "taskCountPerNode": variable(
            "task_count_per_node",
            "number",
            json!(batch.task_count_per_node),
            "Tasks of stage B on one machine where a run doesn't say.",
        ),
        "runOutputStage": variable(
            "run_output_stage",
            "bool",
            json!(batch.run_output_stage),
            "Whether stage C runs where a run doesn't say.",
        ),
        "stages": stages,
    });
    let file = json!({
        "//": "Made by `cargo xtask generate` from the configuration's defaults. EPYCLOUD_DEFAULTS of the workflow is jsonencode(local.run_defaults).",
        "variable": variables,
        "locals": { "run_defaults": run_defaults },
    });
    Ok(Generated {
        path: PathBuf::from(PATH),
        text: format!("{file:#}\n"),
    })
}
