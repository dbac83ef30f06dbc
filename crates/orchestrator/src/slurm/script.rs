//! What runs on a node.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::SlurmOptions;
use crate::container::Apptainer;

/// How long a task that is asked to end may take for it.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// The exit code of `timeout` where it had to end the program.
pub(super) const TIMED_OUT: i32 = 124;

/// The task whose index is the array's plus the offset. The node itself ends it at its time limit,
/// as Slurm counts in minutes and looks only now and then.
pub(super) fn script(options: &SlurmOptions, offset: u32) -> String {
    let index = format!("$((SLURM_ARRAY_TASK_ID + {offset}))");
    let (variables, command) = match &options.apptainer {
        Some(apptainer) => in_apptainer(apptainer, index),
        None => {
            let program = options.program.clone().into_os_string();
            let variables = vec![("TASK_INDEX".to_owned(), index)];
            (variables, vec![program, "task".into()])
        }
    };
    let mut script = "#!/bin/sh\n".to_owned();
    for (name, value) in variables {
        script.push_str(&format!("{name}={value}\nexport {name}\n"));
    }
    script.push_str("exec ");
    if let Some(limit) = options.task_timeout {
        let (last_words, limit) = (LAST_WORDS.as_secs(), limit.as_secs_f64());
        script.push_str(&format!("timeout --kill-after={last_words} {limit} "));
    }
    let command: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    script.push_str(&command.join(" "));
    script.push('\n');
    script
}

/// Variables, and a command's words.
type OnNode = (Vec<(String, String)>, Vec<OsString>);

fn in_apptainer(apptainer: &Apptainer, index: String) -> OnNode {
    let (program, arguments) = apptainer.command();
    let variables = vec![
        (Apptainer::variable("TASK_INDEX"), index),
        (Apptainer::variable("STAGE"), "runner".to_owned()),
    ];
    let command = std::iter::once(program.into_os_string()).chain(arguments);
    (variables, command.collect())
}

/// Slurm's own limit in its minutes, for where the node's fails: later than that by a while.
pub(super) fn slurm_minutes(limit: Duration) -> u64 {
    (limit + LAST_WORDS * 2).as_secs().div_ceil(60).max(1)
}

/// A word as the shell takes it.
fn quoted(word: &OsStr) -> String {
    format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use epycloud_config::{Environment, RuntimeSettings};

    use super::*;
    use crate::retries::RetryPolicy;

    #[test]
    fn slurms_own_limit_is_later_than_the_nodes() {
        for (seconds, minutes) in [(1, 1), (40, 1), (41, 2), (60, 2), (7_200, 121)] {
            assert_eq!(slurm_minutes(Duration::from_secs(seconds)), minutes);
        }
    }

    fn options(apptainer: Option<Apptainer>) -> SlurmOptions {
        SlurmOptions {
            program: "/opt/it's/epycloud".into(),
            environment: Environment::default(),
            apptainer,
            logs: "/logs".into(),
            partition: None,
            account: None,
            max_parallelism: None,
            task_timeout: None,
            task_memory_mib: None,
            retries: RetryPolicy::default(),
            poll: Duration::from_secs(5),
        }
    }

    #[test]
    fn a_job_runs_the_program_and_is_ended_at_its_limit() {
        let mut options = options(None);
        assert_eq!(
            script(&options, 0),
            "#!/bin/sh\nTASK_INDEX=$((SLURM_ARRAY_TASK_ID + 0))\nexport TASK_INDEX\n\
             exec '/opt/it'\\''s/epycloud' 'task'\n"
        );
        options.task_timeout = Some(Duration::from_millis(90_500));
        let script = script(&options, 0);
        assert!(
            script.contains("exec timeout --kill-after=10 90.5 '/opt"),
            "{script}"
        );
    }

    #[test]
    fn a_job_runs_the_dispatcher_in_the_image_and_no_value_is_in_its_command() {
        let environment = Environment::from_pairs([
            ("EXECUTION_MODE", "local"),
            ("EXP_ID", "flu"),
            ("GITHUB_PAT", "hunter2"),
            ("LOCAL_DATA_PATH", "/srv/it's/local"),
            ("FORECAST_REPO_DIR", "/srv/it's"),
        ]);
        let settings = RuntimeSettings::from_environment(&environment).unwrap();
        let apptainer = Apptainer::new("/images/suite.sif".into(), &settings);
        assert_eq!(
            script(&options(Some(apptainer)), 1000),
            "#!/bin/sh\n\
             APPTAINERENV_TASK_INDEX=$((SLURM_ARRAY_TASK_ID + 1000))\n\
             export APPTAINERENV_TASK_INDEX\n\
             APPTAINERENV_STAGE=runner\n\
             export APPTAINERENV_STAGE\n\
             exec 'apptainer' 'exec' '--cleanenv' '--no-home' '--pwd' '/app' \
             '--bind' '/srv/it'\\''s:/srv/it'\\''s:ro' \
             '--bind' '/srv/it'\\''s/local' \
             '/images/suite.sif' '/usr/local/bin/epycloud-dispatcher'\n"
        );
    }
}
