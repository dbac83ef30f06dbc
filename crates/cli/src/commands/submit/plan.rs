//! What is about to happen, before it costs anything.

use epycloud_google::batch::{Machine, StageJob, StageTask};
use epycloud_google::pipeline::PipelineRun;
use serde::Serialize;

use super::check::Checked;
use super::resolve::profile;
use crate::cloud::Cloud;
use crate::cloud::show::span;
use crate::printer::Printer;

/// For scripts.
#[derive(Serialize)]
struct Planned<'a> {
    event: &'static str,
    dry_run: bool,
    exp_id: &'a str,
    run_id: &'a str,
    results: &'a str,
    image: &'a str,
    /// The commit that was checked, and runs.
    commit: Option<&'a str>,
}

/// Rows of names and values under headings.
struct Plan<'a> {
    printer: &'a Printer,
}

impl Plan<'_> {
    fn row(&self, name: &str, value: &str) {
        if !value.is_empty() {
            self.printer.say(&format!("  {name:14} {value}"));
        }
    }

    fn configuration(&self, cloud: &Cloud, billing: Option<&str>) {
        let inspection = cloud.configuration.inspection();
        self.row("environment", inspection.environment().as_str());
        self.row("profile", &profile(cloud).unwrap_or_default());
        self.row("project", cloud.place.project.as_str());
        self.row("region", cloud.place.region.as_str());
        self.row("bill", billing.unwrap_or_default());
    }

    fn machine(&self, name: &str, machine: &Machine, is_asked: bool) {
        let kind = machine.machine_type.as_deref().unwrap_or("chosen by Batch");
        let asked = if is_asked { " (as asked)" } else { "" };
        let limit = span(std::time::Duration::from_secs(machine.max_run_secs));
        self.row(
            name,
            &format!(
                "{} mCPU, {} MiB, machine {kind}{asked}, at most {limit}",
                machine.cpu_milli, machine.memory_mib
            ),
        );
    }
}

fn title(printer: &Printer, what: &str, exp_id: &str) {
    let verb = if printer.dry_run {
        "Would submit"
    } else {
        "Submitting"
    };
    printer.heading(&format!("{verb} {what} of experiment {exp_id}"));
}

/// Shows a whole workflow. `asked` says of stages A, B and C whether the command line chose their
/// machine.
pub(super) fn workflow(
    printer: &Printer,
    cloud: &Cloud,
    run: &PipelineRun,
    asked: [bool; 3],
    checked: &Checked,
) {
    title(printer, "the workflow", run.exp_id.as_str());
    let results = folder(
        run.bucket.as_str(),
        run.dir_prefix.as_str(),
        run.exp_id.as_str(),
        run.run_id.as_str(),
    );
    let plan = Plan { printer };
    plan.row("run", run.run_id.as_str());
    plan.configuration(cloud, run.labels.billing_project.as_deref());
    plan.row(
        "repository",
        &repository(run.forecast_repo.as_ref(), run.forecast_ref.as_ref()),
    );
    plan.row("checked", &checked.words());
    plan.row("image", &run.image);
    plan.row("results", &results);
    plan.row(
        "in parallel",
        &format!(
            "at most {} tasks of stage B, {} on a machine",
            run.max_parallelism, run.task_count_per_node
        ),
    );
    for ((letter, machine), is_asked) in ["A", "B", "C"].into_iter().zip(&run.machines).zip(asked) {
        let name = format!("stage {letter}");
        if letter == "C" && !run.run_output_stage {
            plan.row(&name, "doesn't run");
        } else {
            plan.machine(&name, machine, is_asked);
        }
    }
    if let Some(file) = &run.output_config {
        plan.row("outputs", file.as_str());
    }
    event(
        printer,
        run.exp_id.as_str(),
        run.run_id.as_str(),
        &results,
        &run.image,
        checked.commit(),
    );
}

/// Shows a single job.
pub(super) fn job(
    printer: &Printer,
    cloud: &Cloud,
    job: &StageJob,
    is_asked: bool,
    checked: Option<&Checked>,
) {
    let stage = job.task.stage();
    title(
        printer,
        &format!("stage {}", stage.letter()),
        job.exp_id.as_str(),
    );
    let results = folder(
        job.bucket.as_str(),
        job.dir_prefix.as_str(),
        job.exp_id.as_str(),
        job.run_id.as_str(),
    );
    let plan = Plan { printer };
    plan.row("run", job.run_id.as_str());
    match &job.task {
        StageTask::Builder | StageTask::Runners { .. } => {}
        StageTask::Runner(index) => plan.row("task", &index.to_string()),
        StageTask::Output {
            num_tasks,
            output_config,
        } => {
            plan.row(
                "tasks",
                &num_tasks.map(|n| n.to_string()).unwrap_or_default(),
            );
            plan.row(
                "outputs",
                output_config.as_ref().map_or("", |file| file.as_str()),
            );
        }
    }
    plan.configuration(cloud, job.labels.billing_project.as_deref());
    plan.row(
        "repository",
        &repository(job.forecast_repo.as_ref(), job.forecast_ref.as_ref()),
    );
    plan.row("checked", &checked.map(Checked::words).unwrap_or_default());
    plan.row("image", &job.image);
    plan.row("results", &results);
    plan.machine("machine", &job.machine, is_asked);
    event(
        printer,
        job.exp_id.as_str(),
        job.run_id.as_str(),
        &results,
        &job.image,
        checked.and_then(Checked::commit),
    );
}

fn event(
    printer: &Printer,
    exp_id: &str,
    run_id: &str,
    results: &str,
    image: &str,
    commit: Option<&str>,
) {
    if printer.json {
        printer.event(&Planned {
            event: "planned",
            dry_run: printer.dry_run,
            exp_id,
            run_id,
            results,
            image,
            commit,
        });
    }
}

fn folder(bucket: &str, prefix: &str, exp_id: &str, run_id: &str) -> String {
    let parts = [prefix, exp_id, run_id];
    let path: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("gs://{bucket}/{}/", path.join("/"))
}

fn repository(name: Option<&impl ToString>, reference: Option<&impl ToString>) -> String {
    match (name, reference) {
        (None, _) => "none configured".into(),
        (Some(name), None) => format!("{} (its default branch)", name.to_string()),
        (Some(name), Some(reference)) => {
            format!("{} at {}", name.to_string(), reference.to_string())
        }
    }
}
