//! The native engine behind the stages' trait.

mod calibration;
mod check;
mod output;
mod workflow;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Instant;

use epycloud_config::yaml::Document;
use epycloud_config::{EngineName, ExperimentFiles};
use epycloud_engine::calibration::{CalibrationTask, build_calibration};
use epycloud_engine::schema::basemodel::StartDate;
use epycloud_engine::schema::{Experiment, read_experiment, read_output};
use epycloud_engine::simulation::SimulationTask;
use epycloud_engine::{KERNEL_MODE, build_tasks, run_task};

use workflow::Workflow;

use super::{
    Build, BuiltTask, Check, CheckDepth, DataSources, Engine, EngineFailure, FileSink,
    OutputSummary, ResultStream, TaskResult, TaskWatch,
};
use crate::artifact::{Artifact, Payload};
use crate::telemetry::{Configuration, ModelSummary, SimulationBlock};

/// The native engine: `epycloud_engine`, compiled in.
#[derive(Debug, Clone)]
pub struct NativeEngine {
    /// Where data is, and which version of the suite to agree with where versions differ.
    sources: DataSources,
    /// Threads that a calibration simulates on.
    n_threads: NonZeroUsize,
}

/// Tasks as the builder takes them.
type Tasks = Box<dyn Iterator<Item = Result<BuiltTask, EngineFailure>> + Send>;

impl NativeEngine {
    /// The engine that finds data in these sources, and uses so many threads for the particles of a
    /// calibration. Results don't depend on their number.
    #[must_use]
    pub const fn new(sources: DataSources, n_threads: NonZeroUsize) -> Self {
        Self { sources, n_threads }
    }
}

impl Engine for NativeEngine {
    fn name(&self) -> EngineName {
        EngineName::Native
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn versions(&self) -> BTreeMap<String, String> {
        [
            ("epycloud", self.version()),
            ("kernel", KERNEL_MODE.to_owned()),
            ("suite_behaviour", self.sources.suite_behaviour.to_string()),
        ]
        .map(|(name, version)| (name.to_owned(), version))
        .into()
    }

    fn check(
        &self,
        experiment: &ExperimentFiles,
        sources: &DataSources,
        depth: CheckDepth,
    ) -> Result<Check, EngineFailure> {
        Ok(check::check(experiment, sources, depth))
    }

    fn build(
        &self,
        experiment: &ExperimentFiles,
        sources: &DataSources,
    ) -> Result<Build, EngineFailure> {
        let read = read_experiment(experiment).map_err(EngineFailure::new)?;
        let workflow = Workflow::of(&read);
        let (populations, tasks, warnings): (_, Tasks, _) = if workflow.is_calibration() {
            let built = build_calibration(&read, sources).map_err(EngineFailure::new)?;
            let names: Vec<String> = built
                .tasks
                .iter()
                .map(|task| task.model.population.clone())
                .collect();
            let tasks = built
                .tasks
                .into_iter()
                .map(|task| encode_calibration(&task));
            (names, Box::new(tasks), built.warnings)
        } else {
            let built = build_tasks(&read, sources).map_err(EngineFailure::new)?;
            let tasks = built
                .tasks()
                .map(|task| encode(&task.map_err(EngineFailure::new)?));
            (built.populations, Box::new(tasks), built.warnings)
        };
        let of_files = read.warnings.iter().map(|fault| format!("{fault:#}"));
        Ok(Build {
            workflow: workflow.name().to_owned(),
            n: u32::try_from(populations.len()).unwrap_or(u32::MAX),
            configuration: configuration(&read, workflow, &populations),
            tasks,
            warnings: of_files.chain(warnings).collect(),
        })
    }

    fn run(
        &self,
        input: &Artifact,
        watch: &mut dyn TaskWatch,
    ) -> Result<TaskResult, EngineFailure> {
        if Workflow::named(&input.header.workflow).is_some_and(Workflow::is_calibration) {
            return calibration::run(input, self.n_threads, watch);
        }
        let task: SimulationTask = input.payload.to_plain().map_err(EngineFailure::new)?;
        let start = Instant::now();
        let result = run_task(&task, &mut |done, of| watch.progress(done, of))
            .map_err(EngineFailure::new)?;
        let simulation = SimulationBlock {
            duration_seconds: start.elapsed().as_secs_f64(),
            n_sims: Some(task.n_sims),
        };
        Ok(TaskResult {
            payload: Payload::plain(&result).map_err(EngineFailure::new)?,
            summary: ModelSummary {
                primary_id: task.primary_id,
                population: task.population,
                simulation: Some(simulation),
                ..ModelSummary::default()
            },
        })
    }

    fn output(
        &self,
        config: &Document,
        results: &mut dyn ResultStream,
        sink: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure> {
        let (config, faults) =
            read_output(config, None, self.sources.suite_behaviour).map_err(EngineFailure::new)?;
        let summary = output::write(&config, &self.sources, results, sink)?;
        let of_config = faults.iter().map(|fault| format!("{fault:#}"));
        Ok(OutputSummary {
            warnings: of_config.chain(summary.warnings).collect(),
            headline: summary.headline,
        })
    }
}

/// What the summaries say about the experiment.
fn configuration(
    experiment: &Experiment,
    workflow: Workflow,
    of_tasks: &[String],
) -> Configuration {
    let mut populations: Vec<String> = Vec::new();
    for population in of_tasks {
        if !populations.contains(population) {
            populations.push(population.clone());
        }
    }
    let timespan = &experiment.base.timespan;
    Configuration {
        workflow_type: Some(workflow.name().to_owned()),
        n_populations: Some(populations.len()),
        populations: Some(populations),
        start_date: Some(match timespan.start_date {
            StartDate::Date(date) => date.to_string(),
            StartDate::Sampled => "sampled".to_owned(),
            StartDate::Calibrated => "calibrated".to_owned(),
        }),
        end_date: Some(timespan.end_date.to_string()),
        delta_t: Some(timespan.delta_t),
        random_seed: experiment.base.random_seed,
    }
}

fn encode_calibration(task: &CalibrationTask) -> Result<BuiltTask, EngineFailure> {
    Ok(BuiltTask {
        primary_id: task.primary_id,
        population: task.model.population.clone(),
        seed: Some(task.seed),
        delta_t: Some(task.model.delta_t),
        payload: Payload::plain(task).map_err(EngineFailure::new)?,
    })
}

fn encode(task: &SimulationTask) -> Result<BuiltTask, EngineFailure> {
    Ok(BuiltTask {
        primary_id: task.primary_id,
        population: task.population.clone(),
        seed: Some(task.seed),
        delta_t: Some(task.delta_t),
        payload: Payload::plain(task).map_err(EngineFailure::new)?,
    })
}
