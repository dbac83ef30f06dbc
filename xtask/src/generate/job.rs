//! Jobs with expressions of the workflow in the place of values.
//!
//! A job is made of values that stand for expressions, as any job is made; then each value gives way
//! to its expression.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use epycloud_google::Place;
use epycloud_google::batch::{
    HYPERDISK_MACHINES, JobLabels, JobSpec, Machine, Manager, Network, Provisioning, RunnerTasks,
    StageJob, StageTask,
};
use serde_json::{Value, json};

use crate::failure::Failure;

/// What stands in a job for what, and in which words the workflow says that.
const TEXTS: &[(&str, &str)] = &[
    ("regions/the-region1", r#""regions/" + run.region"#),
    ("the-project", "run.project"),
    ("the-bucket", "run.bucket"),
    ("THE/PREFIX/", "run.dirPrefix"),
    ("THE/EXPERIMENT", "run.expId"),
    ("the-experiment", "run.labels.expId"),
    ("THE-RUN", "run.runId"),
    ("the-run", "run.labels.runId"),
    ("the-profile", "run.labels.profile"),
    ("the-bill", "run.labels.billingProject"),
    ("THE-LAB/FORECASTS", "run.forecastRepo"),
    ("THE-REFERENCE", "run.forecastRef"),
    ("THE-SECRET", "run.patSecret"),
    ("THE-OUTPUTS.yaml", "run.outputConfig"),
    ("THE-CHOICE", r#"if(run.allowPartialResults, "true", "")"#),
    ("THE-IMAGE", "run.image"),
    ("THE-ACCOUNT", "run.serviceAccount"),
    ("THE-NETWORK", "run.network"),
    ("THE-SUBNETWORK", "run.subnetwork"),
    ("1000001s", r#"string(machine.maxRunSeconds) + "s""#),
];
const CPU: u64 = 1_000_002;
const MEMORY: u64 = 1_000_003;
const PER_NODE: u32 = 1_000_004;
const COUNT: u32 = 1_000_005;
const PARALLELISM: u32 = 1_000_006;
const NUMBERS: &[(u64, &str)] = &[
    (CPU, "machine.cpuMilli"),
    (MEMORY, "machine.memoryMib"),
    (PER_NODE as u64, "run.taskCountPerNode"),
    (COUNT as u64, "size"),
    (PARALLELISM as u64, "math.min(size, run.maxParallelism)"),
];

/// Stage A's job.
pub(super) fn builder() -> Result<Value, Failure> {
    Ok(described(&job(StageTask::Builder)?.spec()))
}

/// The job of all tasks of stage B.
pub(super) fn runners() -> Result<Value, Failure> {
    let task = StageTask::Runners {
        tasks: RunnerTasks::All(COUNT),
        parallelism: PARALLELISM,
    };
    Ok(described(&job(task)?.spec()))
}

/// Stage C's job.
pub(super) fn output() -> Result<Value, Failure> {
    let mut job = job(StageTask::Output {
        num_tasks: None,
        output_config: Some(parsed("THE-OUTPUTS.yaml")?),
    })?;
    let name = "ALLOW_PARTIAL_RESULTS".to_owned();
    job.variables.insert(name, "THE-CHOICE".into());
    Ok(described(&job.spec()))
}

/// How often a task is begun at most, and the pattern of a story that ends with what isn't its fault.
pub(super) fn attempts() -> Result<(u32, String), Failure> {
    let spec = job(StageTask::Builder)?.spec();
    let task = spec.task_groups.first().map(|group| &group.task_spec);
    let task = task.ok_or_else(|| Failure::missing("a job without tasks"))?;
    let codes: Vec<String> = task
        .lifecycle_policies
        .iter()
        .flat_map(|policy| &policy.action_condition.exit_codes)
        .map(ToString::to_string)
        .collect();
    let pattern = format!(r#""exitCode":\s*({})[^0-9"][^"]*$"#, codes.join("|"));
    Ok((task.max_retry_count + 1, pattern))
}

/// Machines that start from Hyperdisk alone, as a pattern, and their disk.
pub(super) fn hyperdisk() -> Result<Value, Failure> {
    let mut job = job(StageTask::Builder)?;
    job.machine.machine_type = Some(format!("{HYPERDISK_MACHINES}standard-2"));
    let spec = json!(job.spec());
    Ok(json!({
        "machines": format!("^{HYPERDISK_MACHINES}"),
        "bootDisk": spec["allocationPolicy"]["instances"][0]["policy"]["bootDisk"],
    }))
}

fn job(task: StageTask) -> Result<StageJob, Failure> {
    Ok(StageJob {
        place: Place::new(parsed("the-project")?, parsed("the-region1")?),
        task,
        exp_id: parsed("THE/EXPERIMENT")?,
        run_id: parsed("THE-RUN")?,
        image: "THE-IMAGE".into(),
        bucket: parsed("the-bucket")?,
        dir_prefix: parsed("THE/PREFIX")?,
        forecast_repo: Some(parsed("THE-LAB/FORECASTS")?),
        forecast_ref: Some(parsed("THE-REFERENCE")?),
        token_secret: parsed("THE-SECRET")?,
        service_account: "THE-ACCOUNT".into(),
        machine: Machine {
            machine_type: None,
            cpu_milli: CPU,
            memory_mib: MEMORY,
            max_run_secs: 1_000_001,
        },
        provisioning: Provisioning::Standard,
        network: Some(Network {
            network: "THE-NETWORK".into(),
            subnetwork: "THE-SUBNETWORK".into(),
        }),
        manager: Manager::Workflows,
        task_count_per_node: PER_NODE,
        labels: JobLabels {
            profile: Some("the-profile".into()),
            billing_project: Some("the-bill".into()),
        },
        variables: BTreeMap::new(),
    })
}

fn parsed<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|error| Failure::unmet(format!("`{text}`: {error}")))
}

fn described(spec: &JobSpec) -> Value {
    let mut described = json!(spec);
    describe(&mut described);
    described
}

/// Replaces what stands for an expression by it, all the way down.
fn describe(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(describe),
        Value::Array(items) => items.iter_mut().for_each(describe),
        single => {
            if let Some(expression) = expression(single) {
                *single = json!(format!("${{{expression}}}"));
            }
        }
    }
}

fn expression(value: &Value) -> Option<&'static str> {
    let texts = TEXTS.iter().find(|(text, _)| value == text);
    let numbers = NUMBERS.iter().find(|(number, _)| value == number);
    texts
        .map(|(_, expression)| *expression)
        .or_else(|| numbers.map(|(_, expression)| *expression))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_given_way_to_its_expression() {
        let jobs = [builder().unwrap(), runners().unwrap(), output().unwrap()];
        let text = json!(jobs).to_string();
        for stand_in in ["THE-", "THE/", "\"the-", "/the-", "100000"] {
            assert!(!text.contains(stand_in), "{stand_in} in {text}");
        }
        let expressions = TEXTS.iter().map(|(_, expression)| *expression);
        for expression in expressions.chain(NUMBERS.iter().map(|(_, expression)| *expression)) {
            let written = json!(format!("${{{expression}}}")).to_string();
            assert!(text.contains(&written), "{expression} isn't used");
        }
    }

    #[test]
    fn what_is_lost_is_told_from_what_failed_by_its_last_exit_code() {
        let (attempts, pattern) = attempts().unwrap();
        assert_eq!(attempts, 4);
        let is_lost = regex::Regex::new(&pattern).unwrap();
        let story = |codes: &[i32]| {
            let events = codes
                .iter()
                .map(|code| json!({ "taskExecution": { "exitCode": code } }));
            let events: Vec<Value> = events.chain([json!({})]).collect();
            json!({ "statusEvents": events }).to_string()
        };
        for (codes, expected) in [
            (&[50001][..], true),
            (&[1, 75], true),
            (&[50001, 1], false),
            (&[50005], false),
            (&[755], false),
            (&[175], false),
            (&[], false),
        ] {
            assert_eq!(is_lost.is_match(&story(codes)), expected, "{codes:?}");
        }
        assert!(!is_lost.is_match(r#"{"statusEvents":[{"taskExecution":{}}]}"#));
    }
}
