//! The generated part of `deploy/workflow.yaml`: defaults, and the jobs of the stages.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{Generated, defaults, job, read, yaml};
use crate::failure::Failure;

const PATH: &str = "deploy/workflow.yaml";
const BEGIN: &str = "# BEGIN generated\n";
const END: &str = "# END generated\n";

pub(super) fn file() -> Result<Generated, Failure> {
    let path = PathBuf::from(PATH);
    let text = with_generated(&read(&path)?, &generated()?)?;
    Ok(Generated { path, text })
}

/// The text with the part between the marks replaced.
fn with_generated(text: &str, generated: &str) -> Result<String, Failure> {
    let marks = || Failure::missing(format!("{PATH} lacks `{}`", BEGIN.trim_end()));
    let (before, rest) = text.split_once(BEGIN).ok_or_else(marks)?;
    let (_, after) = rest.split_once(END).ok_or_else(marks)?;
    Ok(format!("{before}{BEGIN}{generated}{END}{after}"))
}

fn generated() -> Result<String, Failure> {
    let defaults = defaults()?;
    Ok([
        subworkflow(
            "What holds where neither the run nor the deployment says otherwise, and what all jobs have in common.",
            ("defaults", "[]"),
            &defaults,
        ),
        subworkflow(
            "Stage A's job.",
            ("builder_job", "[run, machine]"),
            &job::builder()?,
        ),
        subworkflow(
            "The job of the first `size` tasks of stage B.",
            ("runner_job", "[run, machine, size]"),
            &job::runners()?,
        ),
        subworkflow(
            "Stage C's job.",
            ("output_job", "[run, machine]"),
            &job::output()?,
        ),
    ]
    .join("\n"))
}

/// A subworkflow that gives a value.
fn subworkflow(title: &str, (name, parameters): (&str, &str), value: &Value) -> String {
    let value = yaml::block(value, 10);
    format!(
        "# {title}\n{name}:\n  params: {parameters}\n  steps:\n    - give:\n        return:\n{value}\n"
    )
}

fn defaults() -> Result<Value, Failure> {
    let batch = defaults::batch()?;
    let (attempts, lost_exit) = job::attempts()?;
    let stages = defaults::stages(&batch).into_iter().map(|(letter, stage)| {
        let machine_type = stage.machine_type.as_ref().map(ToString::to_string);
        let resources = json!({
            "cpuMilli": stage.cpu_milli,
            "memoryMib": stage.memory_mib,
            "machineType": machine_type.unwrap_or_default(),
            "maxRunSeconds": stage.max_run_duration,
        });
        (letter.to_owned(), resources)
    });
    Ok(json!({
        "attempts": attempts,
        "lostExit": lost_exit,
        "hyperdisk": job::hyperdisk()?,
        "maxParallelism": batch.max_parallelism,
        "taskCountPerNode": batch.task_count_per_node,
        "runOutputStage": batch.run_output_stage,
        "stages": stages.collect::<Map<_, _>>(),
    }))
}
