//! Slurm's own programs: `sbatch`, `squeue`, `scancel`, `scontrol`.

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::SlurmOptions;
use super::queue::{self, Entry};
use crate::error::OrchestratorError;

/// What an array is submitted with.
pub(super) struct Submission<'a> {
    /// Its name, by which a later session knows it.
    pub(super) name: &'a str,
    /// What is added to an index of the array to get a task's.
    pub(super) offset: u32,
    /// The indices in the array, in order.
    pub(super) indices: &'a [u32],
    /// Memory of a task, in MiB.
    pub(super) memory_mib: Option<u64>,
    /// Where the logs go.
    pub(super) logs: &'a Path,
}

/// Submits an array; its number.
pub(super) async fn submit(
    options: &SlurmOptions,
    submission: &Submission<'_>,
) -> Result<u64, OrchestratorError> {
    let mut command = Command::new("sbatch");
    let mut array = queue::as_ranges(submission.indices);
    if let Some(most) = options.max_parallelism {
        array.push_str(&format!("%{most}"));
    }
    command
        .arg("--parsable")
        .arg("--no-requeue")
        .arg("--export=ALL")
        .arg(format!("--job-name={}", submission.name))
        .arg(format!("--comment=offset={}", submission.offset))
        .arg(format!("--array={array}"))
        .arg(format!(
            "--output={}",
            submission.logs.join("slurm-%A_%a.log").display()
        ));
    let optional = [
        ("partition", options.partition.clone()),
        ("account", options.account.clone()),
        (
            "time",
            options
                .task_timeout
                .map(|limit| limit.as_secs().div_ceil(60).max(1).to_string()),
        ),
        ("mem", submission.memory_mib.map(|mib| format!("{mib}M"))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            command.arg(format!("--{name}={value}"));
        }
    }
    let (environment, script) = match &options.apptainer {
        Some(apptainer) => (
            apptainer.environment(&options.environment),
            apptainer.script(submission.offset),
        ),
        None => (
            options.environment.clone(),
            script(&options.program, submission.offset),
        ),
    };
    // Whatever the tasks are told, secrets too, is the environment's, which Slurm hands on.
    command
        .env_clear()
        .envs(environment.pairs())
        .env_remove("SLURM_ARRAY_TASK_ID");
    let answer = run("sbatch", command, Some(&script)).await?;
    answer
        .trim()
        .split(';')
        .next()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| OrchestratorError::Slurm {
            program: "sbatch",
            reason: format!("it answered `{}`", answer.trim()),
        })
}

/// What runs on the node: the task whose index is the array's plus the offset.
fn script(program: &Path, offset: u32) -> String {
    let quoted = program.display().to_string().replace('\'', r"'\''");
    format!(
        "#!/bin/sh\nTASK_INDEX=$((SLURM_ARRAY_TASK_ID + {offset}))\nexport TASK_INDEX\n\
         exec '{quoted}' task\n"
    )
}

/// All jobs that Slurm remembers under a name.
pub(super) async fn jobs(name: &str) -> Result<Vec<Entry>, OrchestratorError> {
    let mut command = Command::new("squeue");
    command.args(["--json", "--states=all"]);
    let answer = run("squeue", command, None).await?;
    let mut jobs = queue::parse(answer.as_bytes()).ok_or_else(|| OrchestratorError::Slurm {
        program: "squeue",
        reason: "it doesn't answer in JSON; Slurm 21.08 or newer is needed".to_owned(),
    })?;
    jobs.retain(|job| job.name == name);
    Ok(jobs)
}

/// Cancels arrays: what waits only, or all.
pub(super) async fn cancel(
    arrays: impl IntoIterator<Item = u64>,
    waiting_only: bool,
) -> Result<(), OrchestratorError> {
    let arrays: Vec<String> = arrays.into_iter().map(|array| array.to_string()).collect();
    if arrays.is_empty() {
        return Ok(());
    }
    let mut command = Command::new("scancel");
    if waiting_only {
        command.arg("--state=PENDING");
    }
    command.args(arrays);
    run("scancel", command, None).await.map(drop)
}

/// The largest index of an array, plus one.
pub(super) async fn max_array_size() -> Result<u32, OrchestratorError> {
    let mut command = Command::new("scontrol");
    command.args(["show", "config"]);
    let answer = run("scontrol", command, None).await?;
    let size = answer.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "MaxArraySize").then(|| value.trim().parse::<u32>().ok())?
    });
    // What Slurm has where nothing is configured.
    Ok(size.filter(|size| *size > 0).unwrap_or(1001))
}

async fn run(
    program: &'static str,
    mut command: Command,
    input: Option<&str>,
) -> Result<String, OrchestratorError> {
    let failed = |reason: String| OrchestratorError::Slurm { program, reason };
    let mut process = command
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("it can't be started ({error})")))?;
    if let (Some(input), Some(mut pipe)) = (input, process.stdin.take()) {
        // One that doesn't read says why when it ends.
        let _ = pipe.write_all(input.as_bytes()).await;
    }
    let output = process
        .wait_with_output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(failed(said.trim().to_owned()))
    }
}
