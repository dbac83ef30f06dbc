//! `epycloud reproduce`: a run once more, and whether it comes to the same.

use epycloud_config::{RunId, Stage, TaskIndex};
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::record::{RunRecord, RunStatus, RunStore};
use epycloud_orchestrator::{
    BuildMode, Comparison, Executor as Work, Purpose, Selection, Sources, Stop, Workflow,
    WorkflowOptions, compare_runs,
};
use epycloud_stages::manifest::{Manifest, Tasks};
use epycloud_stages::{Sha256, StageRun, head_commit};
use epycloud_storage::{LoadOptions, RunLayout, SaveOptions, Storage};
use serde::Serialize;

use super::executor::{parallelism, prepare as prepare_run};
use super::runs::{self, Place};
use super::runtime::{Ended, block_on, keep_log};
use super::workflow;
use crate::arguments::{Common, Executor, Modelling, Reproduce, Tasks as Treatment};
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;
use crate::settings::LocalRun;
use crate::summary;

pub(crate) fn run(arguments: &Reproduce, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let environment = context.stage_environment()?;
    let place = match block_on(runs::find(&arguments.which, &environment))? {
        Ended::Itself(place) => place?,
        Ended::Stopped(code) => return Ok(code),
    };
    let record = &place.found.record;
    if record.status != RunStatus::Done {
        return Err(CliError::NotDone {
            run_id: record.run_id.to_string(),
            status: record.status.as_str(),
        }
        .into());
    }
    let run = LocalRun::resolve(&common(arguments, record), &environment, None, Vec::new())?;
    summary::plan(
        printer,
        &run,
        &format!("a repetition of {}", record.run_id),
        Some(parallelism(arguments.tasks.max_parallelism)),
    );
    let (asked, tasks) = place_of(arguments, record);
    let (executor, stage_run) =
        match prepare_run(asked, &tasks, &run, Stage::Builder, Purpose::Workflow)? {
            Ended::Itself(prepared) => prepared,
            Ended::Stopped(code) => return Ok(code),
        };
    let same = async {
        check_data(&place, &stage_run).await?;
        check_image(&executor, record).await
    };
    check(&stage_run, record)?;
    match block_on(same)? {
        Ended::Itself(checked) => checked?,
        Ended::Stopped(code) => return Ok(code),
    }
    if printer.dry_run {
        return Ok(ExitCode::Done);
    }
    let build = match block_on(prepare(&place, &stage_run))? {
        Ended::Itself(build) => build?,
        Ended::Stopped(code) => return Ok(code),
    };
    let work = Workflow {
        run: stage_run,
        executor,
        options: WorkflowOptions {
            build,
            selection: Selection::Unfinished,
            ..WorkflowOptions::default()
        },
        stop: Stop::default(),
        log: keep_log(&run.runtime, printer.verbose)?,
    };
    let code = workflow::execute(&work, printer)?;
    if code != ExitCode::Done {
        return Ok(code);
    }
    match block_on(compare(&place, &work.run.layout))? {
        Ended::Itself(comparison) => Ok(show(&comparison?, record, &run.run_id, printer)),
        Ended::Stopped(code) => Ok(code),
    }
}

/// Where the run is repeated: what was made in a container is, in the very image.
fn place_of(arguments: &Reproduce, record: &RunRecord) -> (Option<Executor>, Treatment) {
    let mut tasks = arguments.tasks.clone();
    let Some(image) = &record.provenance.image else {
        let executor = tasks.slurm_image.is_some().then_some(Executor::Slurm);
        return (executor, tasks);
    };
    if let Some(id) = image_id(image) {
        id.clone_into(&mut tasks.image);
        return (Some(Executor::Docker), tasks);
    }
    // The same image may lie elsewhere now.
    tasks.slurm_image.get_or_insert_with(|| image.into());
    (Some(Executor::Slurm), tasks)
}

/// The ID in `NAME:TAG (sha256:…)`; an Apptainer image's path has none.
fn image_id(image: &str) -> Option<&str> {
    let (_, rest) = image.rsplit_once(" (")?;
    rest.strip_suffix(')')
        .filter(|id| id.starts_with("sha256:"))
}

/// The flags that the run was made with.
fn common(arguments: &Reproduce, record: &RunRecord) -> Common {
    let sources = record.provenance.sources.as_ref();
    Common {
        exp_id: record.exp_id.clone(),
        run_id: Some(arguments.into.clone().unwrap_or_else(RunId::generate)),
        local: false,
        executor: Some(Executor::Local),
        project_directory: arguments.which.project_directory.clone(),
        output_config: record.provenance.output_config.clone(),
        modelling: Modelling {
            engine: Some(record.provenance.engine),
            population_data: sources.and_then(|sources| sources.population_data.clone()),
            data_tables: sources.and_then(|sources| sources.data_tables.clone()),
            suite_behaviour: sources.map(|sources| sources.suite_behaviour),
        },
        allow_partial: false,
        no_validate: true,
        yes: true,
    }
}

/// Whether the repository still is what the run was made of.
fn check(run: &StageRun, record: &RunRecord) -> Result<(), Report> {
    let then = &record.provenance;
    let difference = match &then.sources {
        Some(sources) => {
            let now = Sources::read(run)?;
            let outputs = (now.output_config_sha256 != sources.output_config_sha256)
                .then(|| "the output configuration has changed".to_owned());
            now.difference(sources).or(outputs)
        }
        // A run in the cloud: all that is known of its files is their commit.
        None => (head_commit(&run.settings.sources.repository) != then.commit)
            .then(|| "it is at another commit".to_owned()),
    };
    match difference {
        None => Ok(()),
        Some(difference) => Err(CliError::OtherSources {
            difference,
            commit: then.commit.clone(),
        }
        .into()),
    }
}

/// Whether the population data is what the tasks were built from.
async fn check_data(place: &Place, run: &StageRun) -> Result<(), Report> {
    let store = RunStore::new(place.storage.clone(), place.layout.clone());
    let sessions = store.sessions().await?;
    let built = sessions
        .iter()
        .rev()
        .find_map(|session| session.built.as_ref());
    let data = built.and_then(|built| built.data.as_ref());
    match data.and_then(|data| data.difference(&run.settings.sources)) {
        None => Ok(()),
        Some(difference) => Err(CliError::OtherSources {
            difference,
            commit: None,
        }
        .into()),
    }
}

/// Whether an image that is a file is the one that the run was made in.
async fn check_image(executor: &Work, record: &RunRecord) -> Result<(), Report> {
    let Some(then) = &record.provenance.image_file else {
        return Ok(());
    };
    match executor.image_file(Some(record)).await? {
        Some(now) if now.sha256 == then.sha256 => Ok(()),
        _ => Err(CliError::OtherSources {
            difference: format!("its image's SHA-256 was {}", then.sha256),
            commit: None,
        }
        .into()),
    }
}

/// Copies the original's inputs where building them again would draw another seed.
async fn prepare(place: &Place, run: &StageRun) -> Result<BuildMode, Report> {
    if is_seed_given(place).await? {
        return Ok(BuildMode::IfChanged);
    }
    let storage = &place.storage;
    let bytes = storage
        .load_bytes(&place.layout.manifest(), &LoadOptions::default())
        .await?;
    let mut manifest = Manifest::decode(&bytes).map_err(|source| {
        Report::new(epycloud_stages::StageError::Manifest {
            path: storage.url_of(&place.layout.manifest()),
            source,
        })
    })?;
    for task in &manifest.tasks {
        let index = TaskIndex::new(task.index);
        let from = place.layout.input(index, manifest.n);
        let input = storage.load_bytes(&from, &LoadOptions::as_is()).await?;
        let to = run.layout.input(index, manifest.n);
        storage
            .save_bytes(&to, input, &SaveOptions::as_is())
            .await?;
    }
    manifest.run_id = run.settings.run_id.clone();
    let bytes = manifest.encode();
    let tasks: Tasks = storage.load_json(&place.layout.tasks()).await?;
    let tasks = Tasks {
        manifest_sha256: Sha256::of(&bytes),
        ..tasks
    };
    storage
        .save_bytes(&run.layout.manifest(), bytes, &SaveOptions::default())
        .await?;
    storage.save_json(&run.layout.tasks(), &tasks).await?;
    Ok(BuildMode::Never)
}

/// Whether the experiment says its seed: then stage A's summary has it.
async fn is_seed_given(place: &Place) -> Result<bool, Report> {
    let path = place
        .layout
        .summary_json(&epycloud_storage::Summary::Builder);
    let summary: epycloud_stages::telemetry::Summary = place.storage.load_json(&path).await?;
    Ok(summary.configuration.random_seed.is_some())
}

async fn compare(place: &Place, repeated: &RunLayout) -> Result<Comparison, Report> {
    let storage: &Storage = &place.storage;
    let store = RunStore::new(storage.clone(), repeated.clone());
    let record = store
        .run()
        .await?
        .unwrap_or_else(|| place.found.record.clone());
    let original = (&place.layout, &place.found.record);
    Ok(compare_runs(storage, original, (repeated, &record)).await?)
}

fn show(
    comparison: &Comparison,
    original: &RunRecord,
    repeated: &RunId,
    printer: &Printer,
) -> ExitCode {
    if printer.json {
        printer.event(&Reproduced {
            event: "reproduced",
            original: original.run_id.as_str(),
            repeated: repeated.as_str(),
            comparison,
        });
    }
    if comparison.different.is_empty() {
        printer.heading(&format!(
            "reproduced: all {} inputs, results and outputs are the same",
            comparison.same
        ));
        return ExitCode::Done;
    }
    printer.warning(&format!(
        "not reproduced: {} of {} differ",
        comparison.different.len(),
        comparison.same + comparison.different.len()
    ));
    for what in comparison.different.iter().take(20) {
        printer.say(&format!("  {what}"));
    }
    ExitCode::Failed
}

#[derive(Serialize)]
struct Reproduced<'a> {
    event: &'static str,
    original: &'a str,
    repeated: &'a str,
    #[serde(flatten)]
    comparison: &'a Comparison,
}
