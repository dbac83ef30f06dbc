//! Slurm's own programs that submit, watch and cancel: `sbatch`, `squeue`, `scancel`, `scontrol`.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::SlurmOptions;
use super::name::{JobNames, Named};
use super::queue::{self, Entry};
use super::script::{script, slurm_minutes};
use crate::error::OrchestratorError;

/// What an array is submitted with.
pub(super) struct Submission<'a> {
    /// Its name, by which a later session knows it.
    pub(super) name: String,
    /// What is added to an index of the array to get a task's.
    pub(super) offset: u32,
    /// The indices in the array, in order.
    pub(super) indices: &'a [u32],
    /// Memory of a task, in MiB.
    pub(super) memory_mib: Option<u64>,
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
        .arg(format!("--array={array}"))
        .arg(format!(
            "--output={}",
            options.logs.join("slurm-%A_%a.log").display()
        ));
    let optional = [
        ("partition", options.partition.clone()),
        ("account", options.account.clone()),
        (
            "time",
            options
                .task_timeout
                .map(|limit| slurm_minutes(limit).to_string()),
        ),
        ("mem", submission.memory_mib.map(|mib| format!("{mib}M"))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            command.arg(format!("--{name}={value}"));
        }
    }
    let environment = match &options.apptainer {
        Some(apptainer) => apptainer.environment(&options.environment),
        None => options.environment.clone(),
    };
    let script = script(options, submission.offset);
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

/// All jobs of a run that Slurm remembers, with what their names say.
pub(super) async fn jobs(names: &JobNames) -> Result<Vec<(Named, Entry)>, OrchestratorError> {
    let mut command = Command::new("squeue");
    // Releases that know it leave out what others have submitted.
    command.args(["--json", "--me", "--states=all"]);
    let answer = run("squeue", command, None).await?;
    let jobs = queue::parse(answer.as_bytes()).ok_or_else(|| OrchestratorError::Slurm {
        program: "squeue",
        reason: "it doesn't answer in JSON; Slurm 21.08 or newer is needed".to_owned(),
    })?;
    let named = jobs.into_iter();
    Ok(named
        .filter_map(|job| Some((names.read(&job.name)?, job)))
        .collect())
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

/// How a cluster is configured.
pub(super) struct Configuration {
    /// The largest index of an array, plus one.
    pub(super) max_array_size: u32,
    /// Whether `sacct` knows the jobs.
    pub(super) has_accounting: bool,
}

impl Configuration {
    pub(super) async fn ask() -> Result<Self, OrchestratorError> {
        let mut command = Command::new("scontrol");
        command.args(["show", "config"]);
        let answer = run("scontrol", command, None).await?;
        Ok(Self::parse(&answer))
    }

    fn parse(text: &str) -> Self {
        let value = |wanted: &str| {
            text.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                (name.trim() == wanted).then(|| value.trim())
            })
        };
        let size = value("MaxArraySize").and_then(|size| size.parse().ok());
        Self {
            // What Slurm has where nothing is configured.
            max_array_size: size.filter(|size| *size > 0).unwrap_or(1001),
            // Without the daemon, `sacct` has nothing to ask.
            has_accounting: value("AccountingStorageType")
                .is_some_and(|kind| kind.ends_with("slurmdbd")),
        }
    }
}

/// Runs one of the programs; what it answers.
pub(super) async fn run(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clusters_limits_and_its_accounting_are_read() {
        let with = Configuration::parse(
            "Configuration data as of 2026-11-24\nAccountingStorageType   = accounting_storage/slurmdbd\n\
             MaxArraySize            = 101\n",
        );
        assert_eq!((with.max_array_size, with.has_accounting), (101, true));
        for kind in ["accounting_storage/none", "(null)"] {
            let without = Configuration::parse(&format!("AccountingStorageType = {kind}\n"));
            assert_eq!(
                (without.max_array_size, without.has_accounting),
                (1001, false)
            );
        }
    }
}
